package org.laco.refit;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.LayerStack;
import org.laco.OutputMap;
import org.laco.PlannedLayer;
import org.laco.PlannedTensors;
import org.laco.RefitTensor;
import org.laco.TracedOutput;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The fit of one planned layer's last map to given targets. */
final class LayerFit implements AutoCloseable {
    private final Refit refit;
    private final OutputMap map;
    private final StoredTensor stored;
    /** The merged weight as {@code [in, out]}, with the scale of its output. */
    private final INDArray weight;

    private final LayerWeights weights;
    private final LayerStack stack;
    private final PlannedLayer layer;
    private final NormalEquations equations;
    private final List<INDArray> heldOutInputs = new ArrayList<>();
    private final List<INDArray> heldOutTargets = new ArrayList<>();
    private double heldOutSquares;

    LayerFit(LayerStack stack, PlannedLayer layer, Refit refit) {
        this.stack = stack;
        this.layer = layer;
        this.refit = refit;
        this.map = stack.outputMap(layer.base().index());
        ImmutableMap<String, LayerTensor> tensors = PlannedTensors.of(stack, layer);
        this.stored = tensors.get(map.weight()).tensor();
        WeightEncoding.require(stored);
        this.weights = LayerWeights.load(tensors);
        this.weight = oriented(weights.array(map.weight())).muli(map.scale());
        this.equations = new NormalEquations(refit.method().count(weight), weight.size(1));
    }

    /** Brings a stored weight to {@code [in, out]}, or one of that shape back; always a copy. */
    private INDArray oriented(INDArray array) {
        return map.inputFirst() ? array.dup('c') : array.transpose().dup('c');
    }

    /** Adds a batch: what enters the layer, and what should leave it. */
    void add(FitBatch batch, INDArray hidden, INDArray target) {
        TracedOutput traced = stack.trace(layer.base().index(), weights, hidden, batch.layout());
        try (INDArray activations = traced.activations();
                INDArray output = traced.output();
                RowWeights rows = new RowWeights(target, batch.layout())) {
            INDArray residual = rows.apply(target.sub(output));
            rows.apply(activations);
            if (batch.heldOut()) {
                heldOutInputs.add(activations.dup('c'));
                heldOutTargets.add(residual);
                try (INDArray weighted = rows.apply(target.dup('c'))) {
                    heldOutSquares += squares(weighted);
                }
                return;
            }
            try (residual) {
                INDArray features = refit.method().features(activations, weight);
                equations.add(features, residual);
                if (features != activations) {
                    features.close();
                }
            }
        }
    }

    /** Solves with each ridge and keeps the best on the held-out sequences, if it is better there than the merged weight. */
    Optional<RefitTensor> solve() {
        double before = Math.sqrt(heldOutError(null) / heldOutSquares);
        Optional<RefitTensor> best = Optional.empty();
        for (double ridge : refit.ridges()) {
            try (INDArray solution = equations.solve(ridge);
                    INDArray change = refit.method().change(solution, weight);
                    INDArray fitted = change.add(weight).divi(map.scale());
                    INDArray plain = oriented(fitted)) {
                StoredTensor rounded = WeightEncoding.round(plain, stored);
                double error = Math.sqrt(heldOutError(rounded) / heldOutSquares);
                if (error < before && (best.isEmpty() || error < best.get().errorAfter())) {
                    best = Optional.of(new RefitTensor(
                            refit.method().name(),
                            ridge,
                            before,
                            error,
                            WeightEncoding.sha256(rounded),
                            Optional.of(rounded)));
                }
            }
        }
        return best;
    }

    /** Σ w ‖R − X (W − W₀)‖² over the held-out rows, with the rounded weight W, or with W₀. */
    private double heldOutError(StoredTensor rounded) {
        double error = 0;
        try (INDArray change = rounded == null ? null : change(rounded)) {
            for (int i = 0; i < heldOutInputs.size(); i++) {
                if (change == null) {
                    error += squares(heldOutTargets.get(i));
                } else {
                    try (INDArray product = heldOutInputs.get(i).mmul(change);
                            INDArray rest = heldOutTargets.get(i).sub(product)) {
                        error += squares(rest);
                    }
                }
            }
        }
        return error;
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

    String weightName() {
        return map.weight();
    }

    @Override
    public void close() {
        weights.close();
        weight.close();
        equations.close();
        heldOutInputs.forEach(INDArray::close);
        heldOutTargets.forEach(INDArray::close);
    }
}
