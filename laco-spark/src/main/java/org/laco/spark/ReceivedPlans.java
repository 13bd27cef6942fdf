package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.laco.io.PlanJson;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.StoredTensor;

/** Plans as they were sent, with their fitted weights. A weight that several plans share is one here too, as one machine has it. */
final class ReceivedPlans {
    private final PlanJson json = new PlanJson();
    private final Map<Integer, StoredTensor> tensors = new HashMap<>();
    private final IntFunction<byte[]> sent;

    ReceivedPlans(IntFunction<byte[]> sent) {
        this.sent = sent;
    }

    CollapsePlan decode(JsonNode node) {
        CollapsePlan plan = json.decode(node.get("plan"));
        JsonNode values = node.get("values");
        if (values.isEmpty()) {
            return plan;
        }
        List<PlannedLayer> layers = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            layers.add(withValues(plan.layers().get(i), String.valueOf(i), values));
        }
        return CollapsePlan.of(plan.originalSize(), layers).withOutside(plan.outside());
    }

    private PlannedLayer withValues(PlannedLayer layer, String path, JsonNode values) {
        if (layer instanceof MergedLayer merged) {
            ImmutableList.Builder<PlannedLayer> parts = ImmutableList.builder();
            for (int i = 0; i < merged.parts().size(); i++) {
                parts.add(withValues(merged.parts().get(i), path + "/" + i, values));
            }
            return new MergedLayer(merged.rule(), merged.norms(), parts.build());
        }
        if (layer instanceof FittedLayer fitted) {
            ImmutableMap.Builder<String, FittedTensor> all = ImmutableMap.builder();
            fitted.tensors()
                    .forEach((name, tensor) -> all.put(
                            name,
                            new FittedTensor(
                                    tensor.provenance(),
                                    tensor.sha256(),
                                    Optional.of(tensors.computeIfAbsent(
                                            values.get(path + ":" + name).intValue(), this::receive)))));
            return new FittedLayer(withValues(fitted.layer(), path, values), all.buildOrThrow());
        }
        return layer;
    }

    private StoredTensor receive(int number) {
        return SentTensor.decode(sent.apply(number));
    }
}
