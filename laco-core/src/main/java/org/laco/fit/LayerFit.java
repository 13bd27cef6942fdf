package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.laco.plan.ClosedForm;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.laco.stack.PlannedTensors;
import org.laco.stack.TracedOutput;
import org.laco.tensor.StoredTensor;
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

    private final List<INDArray> heldOutInputs = new ArrayList<>();
    private final List<HeldOut> heldOut = new ArrayList<>();

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
            heldOut.add(new HeldOut());
        }
    }

    /** Brings a stored weight to {@code [in, out]}, or one of that shape back; always a copy. */
    private INDArray oriented(INDArray array) {
        return map.inputFirst() ? array.dup('c') : array.transpose().dup('c');
    }

    /** Adds a batch: what enters the layer, and of each kind what should leave the map's step. Rows are weighted by the first kind. */
    void add(FitBatch batch, INDArray hidden, List<INDArray> targets) {
        TracedOutput traced = loaded.trace(map, hidden, batch.layout());
        largestBatch = Math.max(
                largestBatch,
                traced.activations().length()
                        + (1 + targets.size()) * traced.output().length());
        try (INDArray activations = traced.activations();
                INDArray output = traced.output();
                RowWeights rows = new RowWeights(targets.get(0), batch.layout())) {
            rows.apply(activations);
            List<INDArray> residuals = targets.stream()
                    .map(target -> rows.apply(target.sub(output)))
                    .toList();
            if (batch.heldOut()) {
                heldOutInputs.add(activations.dup('c'));
                for (int kind = 0; kind < targets.size(); kind++) {
                    try (INDArray weighted = rows.apply(targets.get(kind).dup('c'))) {
                        heldOut.get(kind).add(residuals.get(kind), squares(weighted));
                    }
                }
                return;
            }
            INDArray features = refit.method().features(activations, weight);
            equations.add(features, residuals);
            residuals.forEach(INDArray::close);
            if (features != activations) {
                features.close();
            }
        }
    }

    /**
     * Solves with each ridge and keeps the best by the layer's own error on the held-out sequences.
     *
     * @return for each kind the fitted weight, empty if it isn't better there than the merged one
     */
    ImmutableList<Optional<FittedTensor>> solve() {
        List<Optional<Candidate>> best = new ArrayList<>(Collections.nCopies(heldOut.size(), Optional.empty()));
        candidates((kind, candidate) -> {
            if (best.get(kind).isEmpty()
                    || candidate.how().errorAfter() < best.get(kind).get().how().errorAfter()) {
                best.set(kind, Optional.of(candidate));
            }
        });
        return best.stream().map(one -> one.map(Candidate::tensor)).collect(ImmutableList.toImmutableList());
    }

    private void candidates(BiConsumer<Integer, Candidate> take) {
        heldOut.forEach(kind -> kind.before = kind.error(heldOutInputs, null));
        for (double ridge : refit.ridges()) {
            equations.solve(ridge, (kind, solution) -> heldOut.get(kind)
                    .fit(ridge, solution)
                    .ifPresent(fitted -> take.accept(kind, fitted)));
        }
    }

    /**
     * A fit that lowers the layer's own error.
     *
     * @param how how it was made
     * @param values the weight
     */
    private record Candidate(ClosedForm how, StoredTensor values) {
        FittedTensor tensor() {
            return new FittedTensor(how, WeightEncoding.sha256(values), Optional.of(values));
        }
    }

    /** The held-out targets of one kind, and the best fit to them so far. */
    private final class HeldOut {
        private final List<INDArray> residuals = new ArrayList<>();
        private double squares;
        private double before;

        void add(INDArray residual, double squared) {
            residuals.add(residual);
            squares += squared;
        }

        /** Rounds a solution; empty if it doesn't lower the error. */
        Optional<Candidate> fit(double ridge, INDArray solution) {
            try (INDArray change = refit.method().change(solution, weight);
                    INDArray fitted = change.add(weight).divi(map.scale());
                    INDArray plain = oriented(fitted)) {
                StoredTensor rounded = WeightEncoding.round(plain, stored);
                double after;
                try (INDArray roundedChange = change(rounded)) {
                    after = error(heldOutInputs, roundedChange);
                }
                return after < before
                        ? Optional.of(
                                new Candidate(new ClosedForm(refit.method().name(), ridge, before, after), rounded))
                        : Optional.empty();
            }
        }

        /** √(Σ w ‖R − X D‖² / Σ w ‖H‖²) over the held-out rows, D being a change of the map or nothing. */
        double error(List<INDArray> inputs, INDArray change) {
            double error = 0;
            for (int i = 0; i < inputs.size(); i++) {
                if (change == null) {
                    error += LayerFit.squares(residuals.get(i));
                } else {
                    try (INDArray product = inputs.get(i).mmul(change);
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

    /** The size of the arrays of these fits: the sums, the held-out rows, a batch, and the map before and after. */
    long bytes() {
        long numbers = 4 * weight.length() + largestBatch;
        for (INDArray inputs : heldOutInputs) {
            numbers += inputs.length();
        }
        for (HeldOut kind : heldOut) {
            numbers += kind.residuals.stream().mapToLong(INDArray::length).sum();
        }
        return equations.bytes() + numbers * Float.BYTES;
    }

    @Override
    public void close() {
        loaded.close();
        weight.close();
        equations.close();
        heldOutInputs.forEach(INDArray::close);
        heldOut.forEach(kind -> kind.residuals.forEach(INDArray::close));
    }
}
