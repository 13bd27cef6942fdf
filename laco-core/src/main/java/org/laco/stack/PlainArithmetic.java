package org.laco.stack;

import java.util.Optional;
import org.laco.tensor.Precision;

/** Float32 by ND4J's own threads. */
record PlainArithmetic(LayerStack stack) implements Arithmetic {
    @Override
    public boolean hasOwnThreads() {
        return false;
    }

    @Override
    public Optional<LayerStack> in(Precision precision) {
        return precision == Precision.FLOAT32 ? Optional.of(stack) : Optional.empty();
    }
}
