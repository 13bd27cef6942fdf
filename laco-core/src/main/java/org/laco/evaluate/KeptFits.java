package org.laco.evaluate;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.laco.fit.Fit;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.tensor.StoredTensor;

/**
 * Spans with the weights that were fitted for them, kept while there is room, so that those of which more is asked after they were scored
 * needn't be fitted again.
 */
final class KeptFits {
    private final Map<Fit, Map<CollapsePlan, CollapsePlan>> kept = new HashMap<>();
    private long room;

    /**
     * Starts with nothing kept.
     *
     * @param room how many bytes of weights are kept at most
     */
    KeptFits(long room) {
        this.room = room;
    }

    /** Keeps a span unless it takes more bytes than are left. */
    void keep(Fit fit, CollapsePlan before, CollapsePlan after) {
        long bytes = after.layers().stream()
                .flatMap(layer ->
                        layer instanceof FittedLayer fitted ? fitted.tensors().values().stream() : Stream.empty())
                .flatMap(tensor -> tensor.values().stream())
                .mapToLong(StoredTensor::byteLength)
                .sum();
        if (bytes <= room) {
            room -= bytes;
            kept.computeIfAbsent(fit, key -> new HashMap<>()).put(before, after);
        }
    }

    /** Returns the span after the fit if it is kept. */
    Optional<CollapsePlan> after(Fit fit, CollapsePlan before) {
        return Optional.ofNullable(kept.getOrDefault(fit, Map.of()).get(before));
    }
}
