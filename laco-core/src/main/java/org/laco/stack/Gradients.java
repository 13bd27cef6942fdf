package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of weights, summed over everything that is passed back.
 *
 * <p>Only the weights that are trained have one, so that nothing is computed for the others:
 *
 * <pre>{@code
 * Gradients gradients = Gradients.of(ImmutableMap.of("mlp.down_proj.weight", Nd4j.zeros(DataType.FLOAT, 576, 1536)));
 * recording.backward(gradient, gradients);    // adds to that array
 * }</pre>
 */
public final class Gradients {
    private final ImmutableMap<String, INDArray> sums;

    private Gradients(ImmutableMap<String, INDArray> sums) {
        this.sums = sums;
    }

    /**
     * Wants the gradients of some weights.
     *
     * @param sums for each weight's name within its layer, or its whole name outside of the layers, the float32 array that its gradient is
     *     added to, dense in 'c' order and of the weight's shape
     * @return gradients that add to these arrays, which stay the caller's
     */
    public static Gradients of(ImmutableMap<String, INDArray> sums) {
        return new Gradients(sums);
    }

    /**
     * Wants no weight's gradient, as for layers that are frozen.
     *
     * @return gradients of nothing
     */
    public static Gradients none() {
        return new Gradients(ImmutableMap.of());
    }

    /**
     * Returns what a weight's gradient is added to.
     *
     * @param name the weight's name
     * @return the sum, empty if this weight is frozen
     */
    public Optional<INDArray> of(String name) {
        return Optional.ofNullable(sums.get(name));
    }
}
