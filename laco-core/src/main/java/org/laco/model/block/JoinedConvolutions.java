package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolutions of some columns each, one beside the other, as one that is stored in parts.
 *
 * @param parts the convolutions in the order of their columns, at least one
 */
public record JoinedConvolutions(ImmutableList<CausalConvolution> parts) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        List<INDArray> outputs = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            INDArray own = columns(x, i);
            outputs.add(parts.get(i).apply(own, weights, pass));
            pass.kernels().release(own);
        }
        return Columns.join(pass.kernels(), outputs.toArray(INDArray[]::new));
    }

    private INDArray columns(INDArray x, int part) {
        int from = parts.subList(0, part).stream()
                .mapToInt(CausalConvolution::channels)
                .sum();
        return Columns.copy(x, from, from + parts.get(part).channels());
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        List<INDArray> inputs = new ArrayList<>();
        List<Recording> recordings = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            inputs.add(columns(x, i));
            recordings.add(parts.get(i).record(inputs.get(i), weights, pass));
        }
        INDArray out =
                Columns.join(kernels, recordings.stream().map(Recording::detach).toArray(INDArray[]::new));
        return Recording.of(kernels::release, out, (gradient, gradients) -> {
                    INDArray[] before = new INDArray[recordings.size()];
                    for (int i = 0; i < before.length; i++) {
                        INDArray own = columns(gradient, i);
                        before[i] = recordings.get(i).backward(own, gradients);
                        kernels.release(own);
                    }
                    return Columns.join(kernels, before);
                })
                .keeping(recordings.toArray(Recording[]::new))
                .keeping(inputs.toArray(INDArray[]::new));
    }

    @Override
    public int longestBranch() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        parts.forEach(part -> part.declare(declare));
    }
}
