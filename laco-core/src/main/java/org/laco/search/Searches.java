package org.laco.search;

import com.google.common.collect.ImmutableMap;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRules;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;

/**
 * The searches by name, with the settings that are good for language models.
 *
 * <pre>{@code
 * LayerCollapse collapse = LayerCollapse.builder()
 *         .search(Searches.named("greedy"))
 *         .targetLayers(24)
 *         .calibration(calibration)
 *         .build();
 * }</pre>
 */
public final class Searches {
    private Searches() {}

    /**
     * Returns the default of a collapse with a target: {@link SpanSearch} over spans of up to ten layers that keep their lowest
     * layer's weights, compared by the divergence of next-token distributions. No search is best on every model; {@code laco
     * sweep} compares them on one's own.
     *
     * @return {@code runs}
     */
    public static Search best() {
        return new SpanSearch(1, 10, 3, MergeRules.keepFirst(), Metrics.divergence());
    }

    /**
     * Returns the default of a collapse with a target on a given stack.
     *
     * @param stack the stack
     * @return {@code runs}, with the paper's cosine as objective if the stack is no language model
     */
    public static Search best(LayerStack stack) {
        return LanguageStack.of(stack).isPresent()
                ? best()
                : new SpanSearch(1, 10, 3, MergeRules.keepFirst(), Metrics.cosine());
    }

    /**
     * Returns the paper's search.
     *
     * @param schedule the base layers that are looked at
     * @param threshold the similarity that a candidate has to exceed, from −1 to 1
     * @return {@code laco}
     * @throws IllegalArgumentException if the threshold is no such number
     */
    public static Search laco(Schedule schedule, double threshold) {
        return new LacoSearch(schedule, threshold);
    }

    /**
     * Finds a search.
     *
     * @param name {@code runs}, the best one; {@code greedy}, the best merge of up to four layers at a time; {@code laco}, the paper's;
     *     or, to compare with, {@code shortgpt}, {@code angular}, {@code streamline}, {@code replaceme}, {@code replaceme-ridge} (the same with a transform
     *     that is pulled toward the identity and judged), {@code sleb} (the best single layer to drop at a time, by perplexity) or
     *     {@code last}
     * @return the search
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Search named(String name) {
        ImmutableMap<String, Search> searches = all();
        Search search = searches.get(name);
        if (search == null) {
            throw new IllegalArgumentException(
                    "unknown search " + name + ", expected one of " + String.join(", ", searches.keySet()));
        }
        return search;
    }

    /**
     * Returns all searches.
     *
     * @return the searches by name
     */
    public static ImmutableMap<String, Search> all() {
        return ImmutableMap.<String, Search>builder()
                .put("runs", best())
                .put(
                        "greedy",
                        new GreedySearch(
                                "greedy",
                                1,
                                4,
                                MergeRules.best(MergeRules.keepFirst(), MergeRules.telescoped(), MergeRules.mean()),
                                Metrics.cosine()))
                .put("laco", laco(Schedule.defaults(), 0.65))
                .put("shortgpt", new BlockInfluenceSearch())
                .put("angular", new AngularSearch())
                .put("streamline", new StreamlineSearch())
                .put("replaceme", new ReplaceMeSearch())
                .put("replaceme-ridge", new ReplaceMeRidgeSearch())
                .put("sleb", new GreedySearch("sleb", 0, 2, MergeRules.keepFirst(), Metrics.likelihood()))
                .put("last", new LastLayersSearch())
                .buildOrThrow();
    }
}
