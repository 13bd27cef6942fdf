package org.laco.spark;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.laco.io.PlanJson;
import org.laco.merge.MergeRule;
import org.laco.merge.RuleNames;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.StoredTensor;

/**
 * Plans for executors: their JSON, which has the hashes of fitted weights, and the numbers of those weights by their place in the plan.
 * Each weight is sent once.
 */
final class SentPlans {
    private final PlanJson json = new PlanJson();
    private final RuleNames rules = RuleNames.known();
    private final Set<MergeRule> named = new HashSet<>();
    private final Map<StoredTensor, Integer> numbers = new IdentityHashMap<>();
    private final ToIntFunction<byte[]> send;

    /**
     * Prepares to send.
     *
     * @param send sends bytes, and returns the number by which executors find them
     */
    SentPlans(ToIntFunction<byte[]> send) {
        this.send = send;
    }

    JsonNode encode(CollapsePlan plan) {
        ObjectNode node = Message.object();
        node.set("plan", json.encode(plan));
        ObjectNode values = node.putObject("values");
        for (int i = 0; i < plan.size(); i++) {
            put(plan.layers().get(i), String.valueOf(i), values);
        }
        return node;
    }

    private void put(PlannedLayer layer, String path, ObjectNode values) {
        if (layer instanceof MergedLayer merged) {
            requireName(merged.rule());
            for (int i = 0; i < merged.parts().size(); i++) {
                put(merged.parts().get(i), path + "/" + i, values);
            }
        }
        if (layer instanceof FittedLayer fitted) {
            put(fitted.layer(), path, values);
            fitted.tensors().forEach((name, tensor) -> {
                checkArgument(
                        tensor.values().isPresent(),
                        "layer %s: the plan holds only the hash of its fitted %s: run its refit again",
                        path,
                        name);
                values.put(
                        path + ":" + name,
                        numbers.computeIfAbsent(tensor.values().get(), this::send));
            });
        }
    }

    /** Executors make a rule of its name. */
    private void requireName(MergeRule rule) {
        if (named.add(rule)) {
            checkArgument(
                    rules.named(rule.name()).equals(rule),
                    "executors find the merge rule %s by its name, and there it is another one: register its provider as a service",
                    rule.name());
        }
    }

    /** Sends a weight before a plan with it, whose values may be freed then. */
    void take(FittedTensor tensor) {
        numbers.computeIfAbsent(tensor.values().orElseThrow(), this::send);
    }

    /** Returns the number of a weight that is in no plan any more. */
    OptionalInt forget(FittedTensor tensor) {
        Integer number = numbers.remove(tensor.values().orElseThrow());
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private int send(StoredTensor tensor) {
        return send.applyAsInt(SentTensor.encode(tensor));
    }
}
