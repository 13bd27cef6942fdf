package org.laco.model.block;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A linear map of each head's columns by itself, the maps of all heads in one tensor.
 *
 * @param maps the maps, one a head
 */
public record HeadMaps(StackedMap maps) implements RowBlock {
    /**
     * Makes maps that are stored input first, with biases.
     *
     * @param name the name of its tensors without {@code _weight} or {@code _bias}
     * @param heads the number of heads
     * @param size the width of a head
     * @return the block
     */
    public static HeadMaps of(String name, int heads, int size) {
        return new HeadMaps(new StackedMap(name + "_weight", name + "_bias", heads, size, size, true));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray out = kernels.matrix(x.size(0), (long) maps.count() * maps.out());
        for (int head = 0; head < maps.count(); head++) {
            INDArray columns = columns(x, head);
            INDArray mapped = maps.apply(head, columns, weights, pass);
            kernels.release(columns);
            kernels.putColumns(out, (long) head * maps.out(), mapped);
            kernels.release(mapped);
        }
        return out;
    }

    private INDArray columns(INDArray x, int head) {
        return Columns.copy(x, head * maps.in(), (head + 1) * maps.in());
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        List<INDArray> inputs = IntStream.range(0, maps.count())
                .mapToObj(head -> columns(x, head))
                .toList();
        List<Recording> heads = IntStream.range(0, maps.count())
                .mapToObj(head -> maps.record(head, inputs.get(head), weights, pass))
                .toList();
        INDArray out =
                Columns.join(kernels, heads.stream().map(Recording::detach).toArray(INDArray[]::new));
        return Recording.of(kernels::release, out, (gradient, gradients) -> {
                    INDArray[] before = new INDArray[maps.count()];
                    for (int head = 0; head < before.length; head++) {
                        INDArray byHead = columns(gradient, head);
                        before[head] = heads.get(head).backward(byHead, gradients);
                        kernels.release(byHead);
                    }
                    return Columns.join(kernels, before);
                })
                .keeping(heads.toArray(Recording[]::new))
                .keeping(inputs.toArray(INDArray[]::new));
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        maps.declare(declare);
    }
}
