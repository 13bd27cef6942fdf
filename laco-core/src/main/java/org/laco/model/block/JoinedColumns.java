package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What several maps give of the same rows, one beside the other.
 *
 * @param maps the maps in the order of their columns, at least one
 */
public record JoinedColumns(ImmutableList<Linear> maps) implements RowBlock {
    /**
     * Joins maps.
     *
     * @param maps the maps in the order of their columns, at least one
     * @return the block
     */
    public static JoinedColumns of(Linear... maps) {
        return new JoinedColumns(ImmutableList.copyOf(maps));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return join(pass.kernels(), maps.stream().map(map -> map.apply(x, weights, pass)));
    }

    private static INDArray join(Kernels kernels, Stream<INDArray> columns) {
        return Columns.join(kernels, columns.toArray(INDArray[]::new));
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        List<Recording> recordings =
                maps.stream().map(map -> map.record(x, weights, pass)).toList();
        INDArray out = join(kernels, recordings.stream().map(Recording::detach));
        return Recording.of(kernels::release, out, (gradient, gradients) -> {
                    INDArray[] before = new INDArray[recordings.size()];
                    int from = 0;
                    for (int i = 0; i < before.length; i++) {
                        INDArray own =
                                Columns.copy(gradient, from, from + maps.get(i).out());
                        before[i] = recordings.get(i).backward(own, gradients);
                        kernels.release(own);
                        from += maps.get(i).out();
                    }
                    return ArraySum.of(Stream.of(before), kernels);
                })
                .keeping(recordings.toArray(Recording[]::new));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        maps.forEach(map -> map.declare(declare));
    }
}
