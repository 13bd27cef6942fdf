package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What several residual steps add together, and beside them a block that sees what enters the first of them (Meituan, LongCat-Flash, arXiv 2509.01322,
 * section 2.2): {@code side(x) + Σ step_i(x + Σ_{j<i} step_j)}.
 *
 * @param side the block beside the steps
 * @param steps what each step adds, at least one
 */
public record Shortcut(Block side, ImmutableList<Block> steps) implements Block {
    /**
     * Makes a shortcut.
     *
     * @param side the block beside the steps
     * @param steps what each step adds, at least one
     * @return the block
     */
    public static Shortcut of(Block side, Block... steps) {
        return new Shortcut(side, ImmutableList.copyOf(steps));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray sum = side.apply(x, weights, pass);
        INDArray current = kernels.copy(x);
        for (Block step : steps) {
            INDArray added = step.apply(current, weights, pass);
            kernels.add(sum, added);
            ArraySum.add(current, added, kernels);
        }
        kernels.release(current);
        return sum;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording beside = side.record(x, weights, pass);
        INDArray sum = kernels.copy(beside.output());
        List<INDArray> entering = new ArrayList<>();
        List<Recording> recordings = new ArrayList<>();
        INDArray current = x;
        for (Block step : steps) {
            Recording recording = step.record(current, weights, pass);
            recordings.add(recording);
            kernels.add(sum, recording.output());
            current = kernels.copy(current);
            kernels.add(current, recording.output());
            entering.add(current);
        }
        return Recording.of(kernels::release, sum, (gradient, gradients) -> {
                    // By what leaves the steps, of which what enters them is no part of the sum.
                    INDArray by = kernels.copy(gradient);
                    for (int i = recordings.size() - 1; i >= 0; i--) {
                        ArraySum.add(by, recordings.get(i).backward(by, gradients), kernels);
                    }
                    by.subi(gradient);
                    return ArraySum.add(by, beside.backward(gradient, gradients), kernels);
                })
                .keeping(beside)
                .keeping(recordings.toArray(Recording[]::new))
                .keeping(entering.toArray(INDArray[]::new));
    }

    @Override
    public int longestBranch() {
        return Stream.concat(Stream.of(side), steps.stream())
                .mapToInt(Block::longestBranch)
                .min()
                .orElseThrow();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        side.declare(declare);
        steps.forEach(step -> step.declare(declare));
    }
}
