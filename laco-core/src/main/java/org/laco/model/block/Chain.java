package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Blocks of which each gets what the one before it gives. */
final class Chain {
    private Chain() {}

    /** Computes the output of the last block and lets everything between go. */
    static INDArray apply(List<? extends Block> blocks, INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray hidden = x;
        for (Block block : blocks) {
            INDArray next = block.apply(hidden, weights, pass);
            if (hidden != x) {
                pass.kernels().release(hidden);
            }
            hidden = next;
        }
        return hidden;
    }

    /** Computes the output of the last block and keeps what enters each. */
    static Recording record(List<? extends Block> blocks, INDArray x, LayerWeights weights, ForwardPass pass) {
        checkArgument(!blocks.isEmpty(), "a chain needs at least one block");
        Kernels kernels = pass.kernels();
        List<Recording> recordings = new ArrayList<>();
        INDArray hidden = x;
        for (Block block : blocks) {
            Recording recording = block.record(hidden, weights, pass);
            recordings.add(recording);
            hidden = recording.output();
        }
        INDArray output = recordings.get(recordings.size() - 1).detach();
        return Recording.of(
                        kernels::release,
                        output,
                        (gradient, gradients) -> backward(recordings, gradient, gradients, kernels))
                .keeping(recordings.toArray(Recording[]::new));
    }

    private static INDArray backward(
            List<Recording> recordings, INDArray gradient, Gradients gradients, Kernels kernels) {
        INDArray current = gradient;
        for (int i = recordings.size() - 1; i >= 0; i--) {
            INDArray before = recordings.get(i).backward(current, gradients);
            if (current != gradient) {
                kernels.release(current);
            }
            current = before;
        }
        return current;
    }
}
