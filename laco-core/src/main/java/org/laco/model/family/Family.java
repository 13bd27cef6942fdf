package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/**
 * What is particular to one family of models: the names of its tensors, its blocks, and what of the configuration it reads.
 *
 * <p>A family of one's own is handed over with the model, or registered as a service and found by {@link Families}. Implementations are
 * immutable.
 */
public interface Family {
    /**
     * Returns the family's name, for people.
     *
     * @return such as {@code Llama}
     */
    String name();

    /**
     * Returns the values of the configuration's {@code model_type} that this family answers for.
     *
     * @return the model types
     */
    ImmutableSet<String> modelTypes();

    /**
     * Returns what people should know about the family: which models belong to it, what of it is not supported.
     *
     * @return one line
     */
    String notes();

    /**
     * Returns what a key means that a configuration of this family hasn't. The default is nothing.
     *
     * @return values by key: numbers, strings, booleans, and lists and maps of these
     */
    default ImmutableMap<String, Object> defaults() {
        return ImmutableMap.of();
    }

    /**
     * Returns keys that files have in the place of those that this family reads. Where both are there, the family's own counts. The default is
     * nothing.
     *
     * @return the family's key by the other one, such as {@code n_layer} by {@code num_hidden_layers}
     */
    default ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of();
    }

    /**
     * Returns what the names of a model's tensors begin with, its head's apart: files of a model that was saved without a head lack it, and
     * multimodal ones have another in its place. The definition names tensors with it either way. The default is {@code model.}.
     *
     * @return the beginning, with the dot that ends it
     */
    default String prefix() {
        return "model.";
    }

    /**
     * Defines the model of a configuration.
     *
     * @param config the configuration with this family's {@link #defaults}
     * @param tensors the checkpoint's tensors, for what the configuration doesn't say
     * @return the definition
     * @throws IllegalArgumentException if a key is missing or its value is not supported; the message names it
     */
    Decoder define(ModelConfig config, TensorSource tensors);

    /**
     * Changes the configuration as a plan requires: the number of layers, and every list that has one entry a layer.
     *
     * @param config the configuration of the original model, with this family's {@link #defaults}
     * @param plan the plan
     * @return the configuration of the collapsed model
     * @throws IllegalArgumentException if the family's configuration can't describe the collapsed model
     */
    default ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("num_hidden_layers").collapse(config, plan);
    }
}
