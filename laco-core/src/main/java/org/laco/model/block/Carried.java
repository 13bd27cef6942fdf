package org.laco.model.block;

import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What goes from layer to layer beside the hidden states, in columns after them: inputs of each layer, which none changes, and keys and values
 * that a layer leaves for those above it.
 *
 * @param inputs the inputs of each layer, if there are any
 * @param keysAndValues the number of columns of keys and values, which follow the inputs
 */
public record Carried(Optional<LayerInputs> inputs, int keysAndValues) {
    /**
     * Returns the number of columns.
     *
     * @return those of the inputs and of keys and values
     */
    public int columns() {
        return inputs.map(LayerInputs::columns).orElse(0) + keysAndValues;
    }

    /** The same with tensors of other names. */
    Carried named(UnaryOperator<String> names) {
        return new Carried(inputs.map(each -> each.named(names)), keysAndValues);
    }
}
