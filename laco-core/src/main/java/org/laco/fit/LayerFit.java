package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.laco.plan.ClosedForm;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fits of the last map of one planned layer to several kinds of targets, which share the sums over its activations. */
final class LayerFit implements AutoCloseable {
    private final Fit refit;
    private final LoadedLayer loaded;
    private final MergedMap merged;
    private final NormalEquations equations;
    /** The most numbers that a batch's activations, output and residuals have had. */
    private long largestBatch;

    private final List<INDArray> measuredInputs = new ArrayList<>();
    private final List<Measured> measured = new ArrayList<>();

    /**
     * Starts fits of the same layer.
     *
     * @param layer the layer
     * @param map the map of it that is fitted, and up to whose step the layer is run
     * @param kinds the number of kinds of targets
     */
    LayerFit(LayerStack stack, PlannedLayer layer, OutputMap map, Fit refit, int kinds) {
        this.refit = refit;
        // Without a pool there is nothing in the runner to keep or to close.
        this.loaded = LayerRunner.unpooled(stack).load(layer);
        this.merged = MergedMap.of(stack, layer, loaded, map, refit);
        this.equations = merged.equations(kinds);
        for (int kind = 0; kind < kinds; kind++) {
            measured.add(new Measured());
        }
    }

    /**
     * Adds a batch.
     *
     * @param hidden what enters the layer
     * @param weighing the hidden states whose norms weigh the rows
     * @param targets of each kind what should leave the map's step
     */
    void add(FitBatch batch, INDArray hidden, INDArray weighing, List<INDArray> targets) {
        try (TracedRows rows = TracedRows.of(loaded, merged.map(), refit.method(), batch, hidden, weighing, targets)) {
            largestBatch = Math.max(largestBatch, rows.numbers());
            if (batch.measured()) {
                measuredInputs.add(rows.activations().dup('c'));
                for (int kind = 0; kind < targets.size(); kind++) {
                    measured.get(kind).add(rows.residuals().get(kind).dup('c'), rows.squares(targets.get(kind)));
                }
            }
            if (batch.fitted()) {
                INDArray features = refit.method().features(rows.activations(), merged.weight());
                equations.add(
                        features,
                        rows.residuals().stream()
                                .map(residual -> refit.method().targets(residual, features))
                                .toList());
                if (features != rows.activations()) {
                    features.close();
                }
            }
        }
    }

    /**
     * Fits with each ridge and keeps, of fits that are judged, the best by the layer's own error on held-out sequences.
     *
     * @return for each kind the fitted weight, empty if it isn't better there than the merged one
     */
    ImmutableList<Optional<FittedTensor>> solve() {
        List<Optional<FittedTensor>> best = new ArrayList<>(Collections.nCopies(measured.size(), Optional.empty()));
        for (double ridge : refit.ridges()) {
            equations.solve(mean -> refit.method().shift(ridge, mean), (kind, solution) -> {
                FittedTensor fitted = merged.tensor(
                        new ClosedForm(refit.method().name(), ridge, 1, 0, 0), merged.fitted(solution, 1));
                FitRows.Errors errors = measured.get(kind).errors(fitted);
                double least = best.get(kind)
                        .map(tensor -> ((ClosedForm) tensor.provenance()).errorAfter())
                        .orElse(refit.method().isJudged() ? errors.relativeBefore() : Double.POSITIVE_INFINITY);
                if (errors.relativeAfter() < least) {
                    best.set(kind, Optional.of(merged.tensor(fitted, errors)));
                }
            });
        }
        return ImmutableList.copyOf(best);
    }

    /** The targets of one kind on which the error is measured. */
    private final class Measured {
        private final List<INDArray> residuals = new ArrayList<>();
        private double squares;

        void add(INDArray residual, double squared) {
            residuals.add(residual);
            squares += squared;
        }

        FitRows.Errors errors(FittedTensor fitted) {
            double before = 0;
            double after = 0;
            try (INDArray change = merged.change(fitted)) {
                for (int i = 0; i < measuredInputs.size(); i++) {
                    before += TracedRows.squaresOf(residuals.get(i));
                    after += TracedRows.squaresAfter(measuredInputs.get(i), residuals.get(i), change);
                }
            }
            return new FitRows.Errors(before, after, squares);
        }
    }

    /** The size of the arrays of these fits: the sums, the measured rows, a batch, and the map before and after. */
    long bytes() {
        long numbers = merged.numbers() + largestBatch;
        for (INDArray inputs : measuredInputs) {
            numbers += inputs.length();
        }
        for (Measured kind : measured) {
            numbers += kind.residuals.stream().mapToLong(INDArray::length).sum();
        }
        return equations.bytes() + numbers * Float.BYTES;
    }

    @Override
    public void close() {
        loaded.close();
        merged.close();
        equations.close();
        measuredInputs.forEach(INDArray::close);
        measured.forEach(kind -> kind.residuals.forEach(INDArray::close));
    }
}
