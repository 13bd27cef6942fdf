package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A multiplication of groups of neighbouring columns by fixed numbers, as configurations have them.
 *
 * @param widths the number of columns of each group, from the first column on
 * @param factors the factor of each group
 */
public record ColumnFactors(ImmutableList<Integer> widths, ImmutableList<Double> factors) implements RowBlock {
    /** Checks that each group has a factor. */
    public ColumnFactors {
        checkArgument(
                widths.size() == factors.size(), "%s groups of columns need as many factors: %s", widths, factors);
    }

    /**
     * Makes a multiplication of all columns by one number.
     *
     * @param width the number of columns
     * @param factor the number
     * @return the block
     */
    public static ColumnFactors of(int width, double factor) {
        return new ColumnFactors(ImmutableList.of(width), ImmutableList.of(factor));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return multiplied(x, pass.kernels());
    }

    private INDArray multiplied(INDArray x, Kernels kernels) {
        try (INDArray row = Nd4j.createFromArray(row())) {
            return kernels.copy(x).muliRowVector(row);
        }
    }

    private float[] row() {
        float[] row = new float[widths.stream().mapToInt(Integer::intValue).sum()];
        int from = 0;
        for (int i = 0; i < widths.size(); i++) {
            Arrays.fill(row, from, from + widths.get(i), factors.get(i).floatValue());
            from += widths.get(i);
        }
        return row;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        return Recording.of(
                kernels::release, multiplied(x, kernels), (gradient, gradients) -> multiplied(gradient, kernels));
    }

    /** There is none. */
    @Override
    public void declare(Consumer<TensorDeclaration> declare) {}
}
