package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.laco.plan.ClosedForm;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.laco.stack.PlannedTensors;
import org.laco.stack.TracedOutput;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;
import org.laco.tensor.WeightEncoding;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The fit of a map of one planned layer to given targets. */
final class LayerFit implements AutoCloseable {
    private final Fit refit;
    private final OutputMap map;
    private final StoredTensor stored;
    /** The merged weight as {@code [in, out]}, with the scale of its output. */
    private final INDArray weight;

    private final LoadedLayer loaded;
    private final NormalEquations equations;
    /** The most numbers that a batch's activations, output and residuals have had. */
    private long largestBatch;

    private final List<INDArray> measuredInputs = new ArrayList<>();
    private final List<Measured> measured = new ArrayList<>();

    /**
     * Starts fits of the same layer to several kinds of targets, which share the sums over its activations.
     *
     * @param layer the layer
     * @param map the map of it that is fitted, and up to whose step the layer is run
     * @param kinds the number of kinds
     */
    LayerFit(LayerStack stack, PlannedLayer layer, OutputMap map, Fit refit, int kinds) {
        this.refit = refit;
        this.map = map;
        this.stored = PlannedTensors.of(stack, layer).get(map.weight()).tensor();
        WeightEncoding.require(stored);
        // Without a pool there is nothing in the runner to keep or to close.
        this.loaded = LayerRunner.unpooled(stack).load(layer);
        this.weight = oriented(loaded.weights().array(map.weight())).muli(map.scale());
        this.equations =
                new NormalEquations(refit.method().count(weight.size(0), weight.size(1)), weight.size(1), kinds);
        for (int kind = 0; kind < kinds; kind++) {
            measured.add(new Measured());
        }
    }

    /** Brings a stored weight to {@code [in, out]}, or one of that shape back; always a copy. */
    private INDArray oriented(INDArray array) {
        return map.inputFirst() ? array.dup('c') : array.transpose().dup('c');
    }

    /**
     * Adds a batch.
     *
     * @param hidden what enters the layer
     * @param weighing the hidden states whose norms weigh the rows
     * @param targets of each kind what should leave the map's step
     */
    void add(FitBatch batch, INDArray hidden, INDArray weighing, List<INDArray> targets) {
        TracedOutput traced = loaded.trace(map, hidden, batch.layout());
        largestBatch = Math.max(
                largestBatch,
                traced.activations().length()
                        + (1 + targets.size()) * traced.output().length());
        try (INDArray activations = traced.activations();
                INDArray output = traced.output();
                RowWeights rows = refit.method().isJudged()
                        ? RowWeights.ofInverseNorms(weighing, batch.layout())
                        : RowWeights.equal(batch.layout())) {
            rows.apply(activations);
            List<INDArray> residuals = targets.stream()
                    .map(target -> rows.apply(target.sub(output)))
                    .toList();
            if (batch.measured()) {
                measuredInputs.add(activations.dup('c'));
                for (int kind = 0; kind < targets.size(); kind++) {
                    try (INDArray weighted = rows.apply(targets.get(kind).dup('c'))) {
                        measured.get(kind).add(residuals.get(kind).dup('c'), squares(weighted));
                    }
                }
            }
            if (batch.fitted()) {
                INDArray features = refit.method().features(activations, weight);
                equations.add(
                        features,
                        residuals.stream()
                                .map(residual -> refit.method().targets(residual, features))
                                .toList());
                if (features != activations) {
                    features.close();
                }
            }
            residuals.forEach(INDArray::close);
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
            solve(ridge, (kind, solution) -> {
                Alternative fitted = alternative(kind, ridge, 1, solution);
                Optional<ClosedForm> least =
                        best.get(kind).map(FittedTensor::provenance).map(ClosedForm.class::cast);
                if (least.map(one -> fitted.how().errorAfter() < one.errorAfter())
                        .orElse(!refit.method().isJudged()
                                || fitted.how().errorAfter() < fitted.how().errorBefore())) {
                    best.set(kind, Optional.of(fitted.tensor()));
                }
            });
        }
        return ImmutableList.copyOf(best);
    }

    /**
     * Fits with each ridge and goes each step toward the solution.
     *
     * @param take takes each fitted weight, which is freed afterwards
     */
    void alternatives(Consumer<FittedTensor> take) {
        for (double ridge : refit.ridges()) {
            solve(ridge, (kind, solution) -> {
                for (double step : refit.stepSizes()) {
                    Alternative fitted = alternative(kind, ridge, step, solution);
                    try (INDArray values = fitted.values()) {
                        take.accept(fitted.tensor());
                    }
                }
            });
        }
    }

    /** Makes one of the alternatives again, which takes less memory than to keep all until one is chosen. */
    FittedTensor again(ClosedForm how) {
        List<FittedTensor> made = new ArrayList<>();
        solve(
                how.ridge(),
                (kind, solution) -> made.add(
                        alternative(kind, how.ridge(), how.step(), solution).tensor()));
        return made.get(0);
    }

    private void solve(double ridge, BiConsumer<Integer, INDArray> take) {
        equations.solve(mean -> refit.method().shift(ridge, mean), take);
    }

    private Alternative alternative(int kind, double ridge, double step, INDArray solution) {
        try (INDArray fitted = refit.method().map(solution, weight, step).divi(map.scale());
                INDArray plain = oriented(fitted)) {
            INDArray values = WeightEncoding.round(plain, stored);
            StoredTensor rounded = ArrayTensor.of(stored.name(), values);
            try (INDArray change = change(rounded)) {
                Measured rows = measured.get(kind);
                return new Alternative(
                        new ClosedForm(refit.method().name(), ridge, step, rows.error(null), rows.error(change)),
                        values,
                        rounded);
            }
        }
    }

    /**
     * A fitted weight.
     *
     * @param how how it was made
     * @param values the rounded values
     * @param stored the same as a tensor
     */
    private record Alternative(ClosedForm how, INDArray values, StoredTensor stored) {
        FittedTensor tensor() {
            return new FittedTensor(how, TensorHash.sha256(stored), Optional.of(stored));
        }
    }

    /** The targets of one kind on which the error is measured. */
    private final class Measured {
        private final List<INDArray> residuals = new ArrayList<>();
        private double squares;

        void add(INDArray residual, double squared) {
            residuals.add(residual);
            squares += squared;
        }

        /** √(Σ w ‖R − X D‖² / Σ w ‖H‖²), D being a change of the map or nothing. */
        double error(INDArray change) {
            double error = 0;
            for (int i = 0; i < measuredInputs.size(); i++) {
                if (change == null) {
                    error += LayerFit.squares(residuals.get(i));
                } else {
                    try (INDArray product = measuredInputs.get(i).mmul(change);
                            INDArray rest = residuals.get(i).sub(product)) {
                        error += LayerFit.squares(rest);
                    }
                }
            }
            return Math.sqrt(error / squares);
        }
    }

    private INDArray change(StoredTensor rounded) {
        try (INDArray values = rounded.load()) {
            return oriented(values).muli(map.scale()).subi(weight);
        }
    }

    private static double squares(INDArray array) {
        try (INDArray wide = array.castTo(DataType.DOUBLE)) {
            return wide.muli(wide).sumNumber().doubleValue();
        }
    }

    /** The size of the arrays of these fits: the sums, the measured rows, a batch, and the map before and after. */
    long bytes() {
        long numbers = 4 * weight.length() + largestBatch;
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
        weight.close();
        equations.close();
        measuredInputs.forEach(INDArray::close);
        measured.forEach(kind -> kind.residuals.forEach(INDArray::close));
    }
}
