package org.laco.fit;

import java.util.Optional;
import org.laco.plan.ClosedForm;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;
import org.laco.tensor.WeightEncoding;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A map of a planned layer as the plan has it, and what solutions make of it. */
final class MergedMap implements AutoCloseable {
    private final Fit refit;
    private final OutputMap map;
    private final StoredTensor stored;
    /** The merged weight as {@code [in, out]}, with the scale of its output. */
    private final INDArray weight;

    private MergedMap(Fit refit, OutputMap map, StoredTensor stored, INDArray weight) {
        this.refit = refit;
        this.map = map;
        this.stored = stored;
        this.weight = weight;
    }

    /** Takes a map of a layer whose weights are loaded. */
    static MergedMap of(LayerStack stack, PlannedLayer layer, LoadedLayer loaded, OutputMap map, Fit refit) {
        StoredTensor stored = PlannedTensors.of(stack, layer).get(map.weight()).tensor();
        WeightEncoding.require(stored);
        return new MergedMap(
                refit,
                map,
                stored,
                oriented(map, loaded.weights().array(map.weight())).muli(map.scale()));
    }

    /** Brings a stored weight to {@code [in, out]}, or one of that shape back; always a copy. */
    private static INDArray oriented(OutputMap map, INDArray array) {
        return map.inputFirst() ? array.dup('c') : array.transpose().dup('c');
    }

    INDArray weight() {
        return weight;
    }

    OutputMap map() {
        return map;
    }

    /** Returns the number of inputs of the regression. */
    long features() {
        return refit.method().count(weight.size(0), weight.size(1));
    }

    long outputs() {
        return weight.size(1);
    }

    /** Starts problems for this map with several kinds of targets. */
    NormalEquations equations(int kinds) {
        return new NormalEquations(features(), outputs(), kinds);
    }

    /** Makes a weight of a solution, rounded as it is stored, a new array. */
    INDArray fitted(INDArray solution, double step) {
        try (INDArray fitted = refit.method().map(solution, weight, step).divi(map.scale());
                INDArray plain = oriented(map, fitted)) {
            return WeightEncoding.round(plain, stored);
        }
    }

    /** Names a weight by what made it. */
    FittedTensor tensor(ClosedForm how, INDArray fitted) {
        StoredTensor tensor = ArrayTensor.of(stored.name(), fitted);
        return new FittedTensor(how, TensorHash.sha256(tensor), Optional.of(tensor));
    }

    /** Describes a weight by what made it and its errors. */
    FittedTensor tensor(FittedTensor weight, FitRows.Errors errors) {
        ClosedForm how = (ClosedForm) weight.provenance();
        return new FittedTensor(
                new ClosedForm(how.method(), how.ridge(), how.step(), errors.relativeBefore(), errors.relativeAfter()),
                weight.sha256(),
                weight.values());
    }

    /** Returns by how much a weight differs from the merged one, as {@code [in, out]}, a new array. */
    INDArray change(FittedTensor fitted) {
        try (INDArray values = fitted.values().orElseThrow().load()) {
            return oriented(map, values).muli(map.scale()).subi(weight);
        }
    }

    /** How many numbers the map takes before and after a fit. */
    long numbers() {
        return 4 * weight.length();
    }

    @Override
    public void close() {
        weight.close();
    }
}
