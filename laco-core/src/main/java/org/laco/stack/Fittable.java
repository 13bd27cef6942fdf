package org.laco.stack;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers with linear maps that can be fitted in closed form, since what leaves the map's step depends linearly on its weight. */
public interface Fittable {
    /**
     * Names the last linear map of a layer, on which the layer's output depends linearly.
     *
     * @param layer the layer, from 0
     * @return the map
     * @throws UnsupportedOperationException if there is none; the message names the layer and says why
     */
    OutputMap outputMap(int layer);

    /**
     * Names the linear maps in which the steps of a layer end, such as attention's output projection and the feed-forward's down
     * projection. The default names the last one alone.
     *
     * @param layer the layer, from 0
     * @return the maps in the order in which they run; the last is {@link #outputMap}
     * @throws UnsupportedOperationException if the layer has no output map; the message names the layer and says why
     */
    default ImmutableList<OutputMap> stepMaps(int layer) {
        return ImmutableList.of(outputMap(layer));
    }

    /**
     * Names the tensors, weights and biases, in which all is linear that a layer adds to the hidden states, where the layer and the final output
     * don't depend on the scale of the hidden states: dividing these tensors by a factor in every layer from one up is then the same as
     * multiplying the hidden states that enter it, but for the small number that norms add. The default refuses.
     *
     * @param layer the layer, from 0
     * @return the names of the tensors within the layer
     * @throws UnsupportedOperationException if the layer isn't so; the message names it
     */
    default ImmutableList<String> addends(int layer) {
        throw new UnsupportedOperationException(
                "layer " + layer + " can't be scaled: its stack doesn't say which weights what it adds is linear in");
    }

    /**
     * Runs hidden states through a layer up to the step that ends in a map, and keeps what enters the map.
     *
     * @param layer the layer whose structure is used, from 0
     * @param map one of the layer's {@link #stepMaps}
     * @param weights the weights by the names of {@link LayerStack#tensors}
     * @param hidden the hidden states that enter the layer, {@code [rows, width]}
     * @param sequences how the rows divide into sequences
     * @return the activations and what leaves the step, which the caller closes
     * @throws UnsupportedOperationException if the layer's steps don't end in that map
     */
    TracedOutput trace(int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences);

    /**
     * Asks a stack which of its maps can be fitted.
     *
     * @param stack the stack
     * @return the stack itself, or an answer that refuses every layer
     */
    static Fittable of(LayerStack stack) {
        return stack instanceof Fittable fittable ? fittable : new NotFittable();
    }
}
