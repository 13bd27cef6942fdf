package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.laco.kernel.Kernels;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;

/**
 * Experts with tensors of their own.
 *
 * @param blocks the experts
 */
public record SeparateExperts(ImmutableList<Block> blocks) implements ExpertSet {
    /** Checks that there are any. */
    public SeparateExperts {
        checkArgument(!blocks.isEmpty(), "there are no experts");
    }

    /**
     * Makes experts that differ by number.
     *
     * @param count how many
     * @param block makes the expert of a number
     * @return the experts
     */
    public static SeparateExperts of(int count, IntFunction<Block> block) {
        return new SeparateExperts(IntStream.range(0, count).mapToObj(block).collect(ImmutableList.toImmutableList()));
    }

    @Override
    public int size() {
        return blocks.size();
    }

    @Override
    public Block expert(int number) {
        return blocks.get(number);
    }

    @Override
    public void readAhead(int number, LayerWeights weights, Kernels kernels) {
        expert(number).declare(tensor -> {
            if (tensor.role() == TensorRole.LINEAR) {
                weights.readAhead(tensor.name(), kernels::weightType);
            }
        });
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        blocks.forEach(block -> block.declare(declare));
    }
}
