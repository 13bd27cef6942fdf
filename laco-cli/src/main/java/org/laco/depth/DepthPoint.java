package org.laco.depth;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;

/**
 * What searches of a model of some depth cost.
 *
 * @param series the settings, as a name
 * @param layers the number of layers
 * @param candidates the number of candidates that were measured
 * @param layerRuns how often a layer was run on a batch
 * @param bytesRead the bytes of weights that were read
 * @param seconds the median time of the search
 */
record DepthPoint(String series, int layers, int candidates, long layerRuns, long bytesRead, double seconds) {
    /** Sums up equal runs, each as {@code laco collapse --json} prints it. */
    static DepthPoint of(String series, List<JsonNode> runs) {
        JsonNode first = runs.get(0);
        JsonNode cost = first.get("forecast");
        double[] seconds = runs.stream()
                .mapToDouble(run -> run.get("seconds").get("search").asDouble())
                .sorted()
                .toArray();
        return new DepthPoint(
                series,
                first.get("layersBefore").asInt(),
                first.get("steps").size(),
                cost.get("actualLayerRuns").asLong(),
                cost.get("actualBytesRead").asLong(),
                median(seconds));
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return Arrays.stream(sorted, (sorted.length - 1) / 2, middle + 1)
                .average()
                .orElseThrow();
    }
}
