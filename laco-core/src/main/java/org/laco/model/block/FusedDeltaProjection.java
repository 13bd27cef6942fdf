package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parts of a {@link GatedDeltaNet} by two maps whose outputs are grouped by key head, as in Qwen 3 Next: queries, keys, values and
 * gates of the group, and strengths and decays of the group.
 *
 * @param all the map to queries, keys, values and gates
 * @param rates the map to strengths and decays
 * @param spec the numbers of heads and their sizes
 */
public record FusedDeltaProjection(Linear all, Linear rates, DeltaRuleSpec spec) implements DeltaProjection {
    @Override
    public DeltaParts apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray grouped = all.apply(x, weights, pass);
        INDArray groupedRates = rates.apply(x, weights, pass);
        DeltaParts parts = split(grouped, groupedRates, kernels);
        kernels.release(grouped);
        kernels.release(groupedRates);
        return parts;
    }

    /** The width of a group's values. */
    private int values() {
        return spec.valueWidth() / spec.keyHeads();
    }

    /** The number of a group's value heads. */
    private int heads() {
        return spec.valueHeads() / spec.keyHeads();
    }

    private DeltaParts split(INDArray grouped, INDArray groupedRates, Kernels kernels) {
        int keys = spec.keySize();
        INDArray mixed = kernels.matrix(grouped.size(0), spec.mixedWidth());
        put(mixed, 0, part(grouped, 0, keys), kernels);
        put(mixed, spec.keyWidth(), part(grouped, keys, keys), kernels);
        put(mixed, 2 * spec.keyWidth(), part(grouped, 2 * keys, values()), kernels);
        return new DeltaParts(
                mixed,
                part(grouped, 2 * keys + values(), values()),
                part(groupedRates, 0, heads()),
                part(groupedRates, heads(), heads()));
    }

    private static void put(INDArray mixed, int from, INDArray columns, Kernels kernels) {
        kernels.putColumns(mixed, from, columns);
        kernels.release(columns);
    }

    /** A row of each group. */
    private INDArray groups(INDArray matrix) {
        return matrix.reshape('c', matrix.size(0) * spec.keyHeads(), matrix.size(1) / spec.keyHeads());
    }

    /** Brings the same columns of each group together. */
    private INDArray part(INDArray grouped, int from, int count) {
        return Columns.copy(groups(grouped), from, from + count)
                .reshape('c', grouped.size(0), (long) spec.keyHeads() * count);
    }

    @Override
    public RecordedDelta record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording grouped = all.record(x, weights, pass);
        Recording groupedRates = rates.record(x, weights, pass);
        DeltaParts parts = split(grouped.output(), groupedRates.output(), kernels);
        return new RecordedDelta(
                parts,
                (outputs, gradients) -> {
                    INDArray joined = join(outputs, kernels);
                    INDArray joinedRates = joinRates(outputs, kernels);
                    INDArray before = grouped.backward(joined, gradients);
                    ArraySum.add(before, groupedRates.backward(joinedRates, gradients), kernels);
                    kernels.release(joined);
                    kernels.release(joinedRates);
                    return before;
                },
                () -> {
                    parts.all().forEach(kernels::release);
                    grouped.close();
                    groupedRates.close();
                });
    }

    private INDArray join(DeltaParts parts, Kernels kernels) {
        INDArray joined = kernels.matrix(parts.mixed().size(0), all.out());
        INDArray rows = groups(joined);
        int keys = spec.keySize();
        int end = 2 * spec.keyWidth();
        putGroups(rows, 0, Columns.copy(parts.mixed(), 0, spec.keyWidth()));
        putGroups(rows, keys, Columns.copy(parts.mixed(), spec.keyWidth(), end));
        putGroups(rows, 2 * keys, Columns.copy(parts.mixed(), end, end + spec.valueWidth()));
        Columns.put(rows, 2 * keys + values(), groups(parts.gate()));
        return joined;
    }

    private INDArray joinRates(DeltaParts parts, Kernels kernels) {
        INDArray joined = kernels.matrix(parts.mixed().size(0), rates.out());
        Columns.put(groups(joined), 0, groups(parts.strengths()));
        Columns.put(groups(joined), heads(), groups(parts.decays()));
        return joined;
    }

    private void putGroups(INDArray rows, int from, INDArray columns) {
        Columns.put(rows, from, groups(columns));
        columns.close();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        all.declare(declare);
        rates.declare(declare);
    }
}
