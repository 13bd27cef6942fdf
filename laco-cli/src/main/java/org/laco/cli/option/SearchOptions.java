package org.laco.cli.option;

import org.laco.LayerCollapse;
import picocli.CommandLine.Option;

/** The parameters of the paper's schedule. */
public final class SearchOptions {
    @Option(
            names = "--low",
            paramLabel = "L",
            order = 10,
            description = "The lowest base layer, from 0; nothing below it is touched. Default: 1.")
    private Integer low;

    @Option(
            names = "--high",
            paramLabel = "H",
            order = 11,
            description = "The layer below which the search starts: the first candidate's base layer is H - C. "
                    + "Default: the number of layers.")
    private Integer high;

    @Option(
            names = "--layers",
            paramLabel = "C",
            order = 12,
            description = "The number of layers that one merge makes into one. Default: 4.")
    private Integer layersPerMerge;

    @Option(
            names = "--interval",
            paramLabel = "I",
            order = 13,
            description = "By how many layers the base layer moves down after a merge. Default: 2.")
    private Integer interval;

    @Option(
            names = "--threshold",
            paramLabel = "T",
            order = 14,
            description = "A candidate is merged if its similarity to the original is above this. Default: 0.65.")
    private Double threshold;

    /**
     * Hands over what was given, leaving the rest to the library's defaults.
     *
     * @param builder the settings of the search
     * @param modelLayers how many layers the model has
     * @throws IllegalArgumentException if a value makes no sense for any model
     */
    public void applyTo(LayerCollapse.Builder builder, int modelLayers) {
        if (low != null || high != null) {
            builder.range(low == null ? 1 : low, high == null ? modelLayers : high);
        }
        if (layersPerMerge != null) {
            builder.layersPerMerge(layersPerMerge);
        }
        if (interval != null) {
            builder.interval(interval);
        }
        if (threshold != null) {
            builder.threshold(threshold);
        }
    }
}
