package org.laco.model.block;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.laco.kernel.Kernels;
import org.laco.kernel.RotaryTable;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch of sequences on its way through a model: how it is laid out and by what arithmetic it is computed. */
public final class ForwardPass {
    private final SequenceLayout sequences;
    private final Kernels kernels;
    private final Map<Rotary, RotaryTable> rotaryTables;
    private final BiConsumer<Linear, INDArray> tap;
    /** The rows that leave a layer, with what is carried from a column on; null where nothing is. */
    private final INDArray rows;

    private final int firstCarried;

    /**
     * Begins a pass.
     *
     * @param sequences how the rows divide into sequences
     * @param kernels the arithmetic
     */
    public ForwardPass(SequenceLayout sequences, Kernels kernels) {
        this(sequences, kernels, new ConcurrentHashMap<>(), (map, x) -> {}, null, 0);
    }

    private ForwardPass(
            SequenceLayout sequences,
            Kernels kernels,
            Map<Rotary, RotaryTable> rotaryTables,
            BiConsumer<Linear, INDArray> tap,
            INDArray rows,
            int firstCarried) {
        this.rows = rows;
        this.firstCarried = firstCarried;
        this.sequences = requireNonNull(sequences, "sequences");
        this.kernels = requireNonNull(kernels, "kernels");
        this.rotaryTables = rotaryTables;
        this.tap = requireNonNull(tap, "tap");
    }

    /**
     * Returns this pass with an observer of what enters each linear map.
     *
     * @param listener receives the map and its input, which it must copy to keep
     * @return the pass, which shares what this one has computed
     */
    public ForwardPass tapped(BiConsumer<Linear, INDArray> listener) {
        return new ForwardPass(sequences, kernels, rotaryTables, listener, rows, firstCarried);
    }

    /** Returns this pass through a layer to rows that have what is carried from a column on. */
    ForwardPass carrying(INDArray leaving, int column) {
        return new ForwardPass(sequences, kernels, rotaryTables, tap, leaving, column);
    }

    /** Copies columns of what is carried. */
    INDArray carried(int from, int count) {
        return Columns.copy(rows, firstCarried + from, firstCarried + from + count);
    }

    /** Overwrites columns of what is carried. */
    void carry(int from, INDArray columns) {
        Columns.put(rows, firstCarried + from, columns);
    }

    /** Receives what enters a linear map. */
    void entering(Linear map, INDArray x) {
        tap.accept(map, x);
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
