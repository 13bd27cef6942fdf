package org.laco.model;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.kernel.Kernels;
import org.laco.model.block.Carried;
import org.laco.model.block.Decoder;
import org.laco.model.block.LayerInputs;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.HostFloats;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is {@link Carried} beside hidden states: how it begins, and what becomes of its tensors. */
final class CarriedInputs {
    private final Decoder decoder;
    private final TensorSource tensors;

    CarriedInputs(Decoder decoder, TensorSource tensors) {
        this.decoder = decoder;
        this.tensors = tensors;
    }

    /** Appends the columns of what is carried to embedded rows, in exchange for them. */
    INDArray appended(INDArray embedded, int[] ids, Kernels kernels) {
        if (decoder.carried().isEmpty()) {
            return embedded;
        }
        Carried carried = decoder.carried().get();
        int width = decoder.width();
        INDArray all = Nd4j.zeros(DataType.FLOAT, embedded.size(0), width + carried.columns());
        HostFloats.columns(all, 0, width).assign(embedded);
        carried.inputs().ifPresent(inputs -> {
            try (INDArray columns = inputs(inputs, embedded, ids, kernels)) {
                HostFloats.columns(all, width, width + inputs.columns()).assign(columns);
            }
        });
        embedded.close();
        return all;
    }

    private INDArray inputs(LayerInputs inputs, INDArray embedded, int[] ids, Kernels kernels) {
        INDArray sum;
        try (INDArray map = tensors.tensor(inputs.map()).load();
                INDArray mapped = kernels.linear(embedded, map, null);
                INDArray weight =
                        tensors.tensor(inputs.norm().name() + ".weight").load()) {
            mapped.muli(1 / Math.sqrt(decoder.width()));
            sum = kernels.rmsNorm(
                    mapped, weight, inputs.norm().epsilon(), inputs.norm().offset());
        }
        try (INDArray rows = TokenEmbedding.rows(tensors.tensor(inputs.table()), ids)) {
            sum.addi(rows.muli(Math.sqrt(inputs.size())));
        }
        return sum.muli(Math.sqrt(0.5));
    }

    /** Leaves out the slices of layers that a plan has not as a base; other tensors are returned as they are. */
    ImmutableMap<String, StoredTensor> cut(CollapsePlan plan) {
        if (decoder.carried().isEmpty() || decoder.carried().get().inputs().isEmpty()) {
            return ImmutableMap.of();
        }
        LayerInputs inputs = decoder.carried().get().inputs().get();
        ImmutableList<Integer> kept = plan.layers().stream()
                .map(PlannedLayer::base)
                .map(base -> base.index())
                .collect(ImmutableList.toImmutableList());
        return ImmutableMap.of(
                inputs.table(), new PickedColumns(tensors.tensor(inputs.table()), inputs.size(), kept),
                inputs.map(), new PickedRows(tensors.tensor(inputs.map()), inputs.size(), kept));
    }
}
