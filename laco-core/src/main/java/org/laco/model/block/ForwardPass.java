package org.laco.model.block;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.laco.SequenceLayout;
import org.laco.kernel.Kernels;
import org.laco.kernel.RotaryTable;

/** A batch of sequences on its way through a model: how it is laid out and by what arithmetic it is computed. */
public final class ForwardPass {
    private final SequenceLayout sequences;
    private final Kernels kernels;
    private final Map<Rotary, RotaryTable> rotaryTables = new ConcurrentHashMap<>();

    /**
     * Begins a pass.
     *
     * @param sequences how the rows divide into sequences
     * @param kernels the arithmetic
     */
    public ForwardPass(SequenceLayout sequences, Kernels kernels) {
        this.sequences = requireNonNull(sequences, "sequences");
        this.kernels = requireNonNull(kernels, "kernels");
    }

    /**
     * Returns how the rows divide into sequences.
     *
     * @return the layout
     */
    public SequenceLayout sequences() {
        return sequences;
    }

    /**
     * Returns the arithmetic.
     *
     * @return the kernels
     */
    public Kernels kernels() {
        return kernels;
    }

    /**
     * Returns the angles of a rotary embedding for this batch, computed once.
     *
     * @param rotary the embedding
     * @return the table
     */
    RotaryTable rotaryTable(Rotary rotary) {
        return rotaryTables.computeIfAbsent(rotary, missing -> missing.table(sequences));
    }
}
