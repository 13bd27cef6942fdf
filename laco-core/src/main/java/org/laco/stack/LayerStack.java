package org.laco.stack;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.LayerCollapse;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What layer collapse needs of a model: a stack of layers on hidden states of one width, whose weights can be looked at and
 * exchanged.
 *
 * <p>{@code CausalModel} implements it for language models; a network of one's own can too, and then {@link LayerCollapse} works
 * on it. A stack is immutable: {@link #collapsed} returns another one. Hidden states are float32 matrices {@code [rows, width]},
 * all sequences stacked as {@link SequenceLayout} says. Methods that return hidden states return a new array in 'c' order, which
 * the caller closes, and leave their arguments as they are.
 */
public interface LayerStack {
    /**
     * Returns the number of layers.
     *
     * @return at least 1
     */
    int layerCount();

    /**
     * Returns what must be equal for two layers to be merged, besides the shapes of their tensors, such as {@code attention} →
     * {@code sliding}. The default is nothing.
     *
     * @param layer the layer, from 0
     * @return property names and values
     */
    default ImmutableMap<String, String> properties(int layer) {
        return ImmutableMap.of();
    }

    /**
     * Returns the tensors of a layer by names that are the same in every layer of its kind, such as {@code
     * mlp.up_proj.weight}.
     *
     * @param layer the layer, from 0
     * @return the tensors in a fixed order
     */
    ImmutableMap<String, LayerTensor> tensors(int layer);

    /**
     * Computes the hidden states that enter layer 0.
     *
     * @param calibration the sequences
     * @return the hidden states {@code [rows, width]}
     * @throws IllegalArgumentException if the sequences don't fit the model, as a token id beyond the vocabulary
     */
    INDArray embed(Calibration calibration);

    /**
     * Runs hidden states through the structure of one layer with given weights.
     *
     * @param layer the layer whose structure is used, from 0
     * @param weights the weights by the names of {@link #tensors}, of that layer or merged from several
     * @param hidden the hidden states that enter the layer, {@code [rows, width]}
     * @param sequences how the rows divide into sequences
     * @return the hidden states that leave the layer
     */
    INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences);

    /**
     * Computes the final hidden states, the ones that are compared, from those that leave the last layer.
     *
     * @param hidden the hidden states {@code [rows, width]}
     * @return the hidden states after the final norm, or a copy if there is none
     */
    INDArray finish(INDArray hidden);

    /**
     * Names the linear map of a layer that can be fitted in closed form, since the layer's output depends linearly on its weight.
     * The default knows of none.
     *
     * @param layer the layer, from 0
     * @return the map
     * @throws UnsupportedOperationException if there is none; the message names the layer and says why
     */
    default OutputMap outputMap(int layer) {
        throw new UnsupportedOperationException("layer " + layer
                + " can't be refit: its stack doesn't say which weight its output depends on linearly");
    }

    /**
     * Runs hidden states through a layer, as {@link #forward} does, and keeps what enters its output map.
     *
     * @param layer the layer whose structure is used, from 0
     * @param weights the weights by the names of {@link #tensors}
     * @param hidden the hidden states that enter the layer, {@code [rows, width]}
     * @param sequences how the rows divide into sequences
     * @return the activations and the output, which the caller closes
     * @throws UnsupportedOperationException if the layer has no output map
     */
    default TracedOutput trace(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        throw new UnsupportedOperationException(
                "layer " + layer + " can't be refit: its stack doesn't show what enters its last map");
    }

    /**
     * Names the linear maps in which the steps of a layer end, such as attention's output projection and the feed-forward's down
     * projection. The hidden states that leave a step depend linearly on its map. The default names the last one alone.
     *
     * @param layer the layer, from 0
     * @return the maps in the order in which they run; the last is {@link #outputMap}
     * @throws UnsupportedOperationException if the layer has no output map; the message names the layer and says why
     */
    default ImmutableList<OutputMap> stepMaps(int layer) {
        return ImmutableList.of(outputMap(layer));
    }

    /**
     * Runs hidden states through a layer up to the step that ends in a map, and keeps what enters the map. The default can do so for the
     * last step alone.
     *
     * @param layer the layer whose structure is used, from 0
     * @param map one of the layer's {@link #stepMaps}
     * @param weights the weights by the names of {@link #tensors}
     * @param hidden the hidden states that enter the layer, {@code [rows, width]}
     * @param sequences how the rows divide into sequences
     * @return the activations and what leaves the step, which the caller closes
     * @throws UnsupportedOperationException if the layer's steps don't end in that map
     */
    default TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        if (!map.equals(outputMap(layer))) {
            throw new UnsupportedOperationException("no step of layer " + layer + " ends in " + map.weight());
        }
        return trace(layer, weights, hidden, sequences);
    }

    /**
     * Returns the number of tokens that the model gives probabilities to. The default is none.
     *
     * @return the size of the vocabulary, 0 if the stack is no language model
     */
    default int vocabulary() {
        return 0;
    }

    /**
     * Computes the logits of the next token. The default refuses.
     *
     * @param output final hidden states, as {@link #finish} returns them, {@code [rows, width]}
     * @return the logits {@code [rows, vocabulary]}, a new array
     * @throws UnsupportedOperationException if the stack is no language model
     */
    default INDArray logits(INDArray output) {
        throw new UnsupportedOperationException("this stack is no language model: it gives no logits");
    }

    /**
     * Returns the number of parameters outside of the layers: embedding, final norm and head. The default is none.
     *
     * @return the number of elements; tied weights count once
     */
    default long parametersOutsideLayers() {
        return 0;
    }

    /**
     * Returns the stored size of the tensors outside of the layers. The default is none.
     *
     * @return the size in bytes
     */
    default long bytesOutsideLayers() {
        return 0;
    }

    /**
     * Returns the memory that the weights of a layer take while it is computed. The default is that of all tensors as float32.
     *
     * @param layer the layer, from 0
     * @param merged whether the linear weights are merged from several layers, so that they lie nowhere yet
     * @return the size in bytes; weights that are used where they are mapped take none
     */
    default long loadedBytes(int layer, boolean merged) {
        return tensors(layer).values().stream()
                .filter(tensor -> tensor.role() != TensorRole.BUFFER)
                .mapToLong(tensor -> Float.BYTES * tensor.tensor().length())
                .sum();
    }

    /**
     * Tells whether this stack divides a batch among threads of its own, so that ND4J's threads would only be in their way.
     *
     * @return false by default
     */
    default boolean hasOwnThreads() {
        return false;
    }

    /**
     * Returns this stack computed with less precision, if that is faster on this machine, for candidates whose similarity is not near a
     * decision. The default returns this stack.
     *
     * @return a stack of the same weights
     */
    default LayerStack rounded() {
        return this;
    }

    /**
     * Applies a plan. The default wraps this stack, merging weights when they are read.
     *
     * @param plan a plan for this many layers
     * @return a stack of the planned layers, which shares the weights of this one
     * @throws IllegalArgumentException if the plan doesn't fit, as one that merges layers that differ in kind
     */
    default LayerStack collapsed(CollapsePlan plan) {
        return new CollapsedStack(this, plan);
    }
}
