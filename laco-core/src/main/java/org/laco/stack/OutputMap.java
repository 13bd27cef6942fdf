package org.laco.stack;

import static java.util.Objects.requireNonNull;

/**
 * The last linear map of a layer, or of a step within it, on which its output depends linearly: for activations {@code a} that enter the
 * map,
 *
 * <pre>output = rest + scale · a · wᵀ</pre>
 *
 * <p>where neither {@code a} nor {@code rest} depend on the weight {@code w}.
 *
 * @param weight the name of the map's weight within the layer, such as {@code mlp.down_proj.weight}
 * @param inputFirst whether the weight is stored as {@code [in, out]}, else as {@code [out, in]}
 * @param scale the factor with which the map's output is added to the hidden states
 */
public record OutputMap(String weight, boolean inputFirst, double scale) {
    /** Checks that nothing is null. */
    public OutputMap {
        requireNonNull(weight, "weight");
    }
}
