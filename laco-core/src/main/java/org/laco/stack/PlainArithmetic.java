package org.laco.stack;

import java.util.Optional;

/** Float32 by ND4J's own threads. */
record PlainArithmetic() implements Arithmetic {
    @Override
    public boolean hasOwnThreads() {
        return false;
    }

    @Override
    public Optional<LayerStack> rounded() {
        return Optional.empty();
    }
}
