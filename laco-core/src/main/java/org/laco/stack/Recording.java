package org.laco.stack;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a part of a model computed, with what is needed to pass gradients back through it (reverse-mode differentiation).
 *
 * <pre>{@code
 * try (Recording recording = block.record(x, weights, pass)) {
 *     INDArray y = recording.output();                              // as block.apply computes it
 *     INDArray gradientOfX = recording.backward(gradientOfY, gradients);
 * }
 * }</pre>
 *
 * <p>The input must stay as it is until the gradient was passed back. The output needn't: it may be changed in place, or given to the
 * caller for good by {@link #detach}.
 */
public final class Recording implements AutoCloseable {
    private final Consumer<INDArray> release;
    private final Backward backward;
    private final ImmutableList<Runnable> frees;
    private INDArray output;

    private Recording(Consumer<INDArray> release, INDArray output, Backward backward, ImmutableList<Runnable> frees) {
        this.release = requireNonNull(release, "release");
        this.output = requireNonNull(output, "output");
        this.backward = requireNonNull(backward, "backward");
        this.frees = frees;
    }

    /**
     * Records a part whose derivative needs nothing but its input.
     *
     * @param release takes back arrays that aren't needed any more
     * @param output what was computed, which is released on {@link #close}
     * @param backward the derivative
     * @return the recording
     */
    public static Recording of(Consumer<INDArray> release, INDArray output, Backward backward) {
        return new Recording(release, output, backward, ImmutableList.of());
    }

    /**
     * Keeps inner parts' recordings until this is closed.
     *
     * @param inner the recordings that the derivative uses
     * @return a recording in the place of this one
     */
    public Recording keeping(Recording... inner) {
        return freeing(Arrays.stream(inner).map(recording -> recording::close));
    }

    /**
     * Keeps arrays until this is closed.
     *
     * @param arrays what the derivative needs beside the input
     * @return a recording in the place of this one
     */
    public Recording keeping(INDArray... arrays) {
        return freeing(Arrays.stream(arrays).map(array -> () -> release.accept(array)));
    }

    /**
     * Frees something when this is closed.
     *
     * @param free frees it
     * @return a recording in the place of this one
     */
    public Recording keeping(Runnable free) {
        return freeing(Stream.of(free));
    }

    private Recording freeing(Stream<Runnable> more) {
        return new Recording(
                release,
                output,
                backward,
                Stream.concat(frees.stream(), more).collect(ImmutableList.toImmutableList()));
    }

    /**
     * Returns what was computed.
     *
     * @return the output {@code [rows, out]}, valid until this is closed
     */
    public INDArray output() {
        return output;
    }

    /**
     * Returns what was computed, which the caller releases from now on.
     *
     * @return the output {@code [rows, out]}
     */
    public INDArray detach() {
        INDArray detached = output;
        output = null;
        return detached;
    }

    /**
     * Passes a gradient back.
     *
     * @param gradient the loss's gradient by the output {@code [rows, out]}, left as it is
     * @param gradients receives the gradients of the weights that it wants
     * @return the loss's gradient by the input {@code [rows, in]}, a new array
     */
    public INDArray backward(INDArray gradient, Gradients gradients) {
        return backward.apply(gradient, gradients);
    }

    /** Frees the output and what was kept. */
    @Override
    public void close() {
        if (output != null) {
            release.accept(output);
            output = null;
        }
        frees.forEach(Runnable::run);
    }
}
