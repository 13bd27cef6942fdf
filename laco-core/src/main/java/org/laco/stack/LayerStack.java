package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What layer collapse needs of a model: a stack of layers on hidden states of one width, whose weights can be looked at and
 * exchanged.
 *
 * <p>{@code CausalModel} implements it for language models; a network of one's own can too, and then {@code LayerCollapse} works
 * on it. A stack is immutable: {@link #collapsed} returns another one. Hidden states are float32 matrices {@code [rows, width]},
 * all sequences stacked as {@link SequenceLayout} says. Methods that return hidden states return a new array in 'c' order, which
 * the caller closes, and leave their arguments as they are.
 *
 * <p>What only some stacks have is asked for by companion interfaces that a stack implements beside this one: {@link LanguageStack}
 * for a vocabulary and logits, {@link Branching} for sequences that continue others, {@link Fittable} for maps that can be fitted, {@link Footprint} for the memory and parameters that it
 * takes, {@link Arithmetic} for how it computes. A wrapper extends {@link ForwardingStack}, so that it has whatever it wraps has.
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
     * Returns why a layer can't be left out, though others are. The default is that any can.
     *
     * @param layer the layer, from 0
     * @return what would go wrong, or empty if it can be left out
     */
    default Optional<String> reasonToStay(int layer) {
        return Optional.empty();
    }

    /**
     * Returns why a plan can't be applied, though each of its layers could be formed: such as a configuration that has no words for the
     * collapsed model. Searches leave such plans out. The default is that any can.
     *
     * @param plan a plan for this stack
     * @return the reason, for an error message, or empty
     */
    default Optional<String> reasonAgainst(CollapsePlan plan) {
        return Optional.empty();
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
     * Returns all tensors under names that are no other's. The default returns those of the layers, as {@code layers.3.mlp.up_proj.weight}; a
     * model with tensors outside of its layers returns these too.
     *
     * @return the tensors, which are closed with the stack's own source and not by whoever asks
     */
    default TensorSource tensors() {
        return StackTensors.of(this);
    }

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
     * Returns the hidden states alone of rows that go from layer to layer. Those of some stacks have more columns, which the layers above need:
     * inputs of each layer, or keys and values that layers share. The default takes all.
     *
     * @param rows what enters a layer or leaves it
     * @return the hidden states {@code [rows, width]}, a new array, or the one that was given if there is nothing else in it
     */
    default INDArray hiddenStates(INDArray rows) {
        return rows;
    }

    /**
     * Computes the final hidden states, the ones that are compared, from those that leave the last layer.
     *
     * @param hidden the hidden states {@code [rows, width]}
     * @return the hidden states after the final norm, or a copy if there is none
     */
    INDArray finish(INDArray hidden);

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
