package org.laco.cli.option;

import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.search.Search;
import org.laco.search.Searches;
import picocli.CommandLine.Option;

/** How small the result is to be, and how the layers to merge are looked for. */
public final class TargetOptions {
    private static final String ACCURACY = "accuracy";

    @Option(
            names = "--target-layers",
            paramLabel = "N",
            order = 15,
            description = "The number of layers of the result.")
    private Integer layers;

    @Option(
            names = "--target-ratio",
            paramLabel = "R",
            order = 16,
            description = "The share of all parameters that is removed at least, between 0 and 1.")
    private Double ratio;

    @Option(
            names = "--target-bytes",
            paramLabel = "SIZE",
            order = 17,
            description = "The size of the result's weights at most, such as 200MB.")
    private ByteSize bytes;

    @Option(
            names = "--search",
            paramLabel = "NAME",
            order = 18,
            completionCandidates = SearchNames.class,
            description = "How layers to merge are looked for, one of ${COMPLETION-CANDIDATES}. laco is the paper's "
                    + "schedule, whose threshold follows from the target; those after it are there to compare with. "
                    + "Default: runs with a target, laco without.")
    private String search;

    @Option(
            names = "--objective",
            paramLabel = "METRIC",
            order = 19,
            completionCandidates = MetricNames.class,
            description = "What candidates are compared by, one of ${COMPLETION-CANDIDATES}; accuracy is that on "
                    + "--questions, which asks for it by itself. Default: what suits the search.")
    private String objective;

    /**
     * Hands over what was given.
     *
     * @param builder the settings of the search
     * @throws IllegalArgumentException if a value makes no sense for any model
     * @throws IllegalStateException if options exclude one another
     */
    public void applyTo(LayerCollapse.Builder builder) {
        if (search != null) {
            builder.search(Searches.named(search));
        }
        if (layers != null) {
            builder.targetLayers(layers);
        }
        if (ratio != null) {
            builder.targetRatio(ratio);
        }
        if (bytes != null) {
            builder.targetBytes(bytes.bytes());
        }
        if (objective != null && !objective.equals(ACCURACY)) {
            builder.objective(Metrics.named(objective));
        }
    }

    /**
     * Checks that the objective goes with what the search is judged on.
     *
     * @param questions whether there are questions
     * @throws IllegalArgumentException if it doesn't
     */
    public void checkObjective(boolean questions) {
        if (!questions && ACCURACY.equals(objective)) {
            throw new IllegalArgumentException("the objective accuracy is that on questions: give --questions FILE");
        }
        if (questions && objective != null && !objective.equals(ACCURACY)) {
            throw new IllegalArgumentException("--questions are judged by accuracy, not by --objective " + objective
                    + ": leave one of the two out");
        }
    }

    /**
     * Returns the fit that belongs to the search that was asked for.
     *
     * @return the fit, empty if the search has none or isn't known
     */
    public Optional<Fit> searchFit() {
        return Optional.ofNullable(search)
                .flatMap(name -> Optional.ofNullable(Searches.all().get(name)))
                .flatMap(Search::fit);
    }

    private static final class MetricNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Metrics.all().stream().map(Metric::name), Stream.of(ACCURACY))
                    .iterator();
        }
    }
}
