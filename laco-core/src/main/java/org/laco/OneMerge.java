package org.laco;

import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;
import org.laco.search.Found;
import org.laco.search.Search;
import org.laco.search.SearchContext;
import org.laco.search.SearchLog;

/**
 * The merge that was asked for, whatever its score.
 *
 * @param layer the base layer
 * @param following the number of following layers
 */
record OneMerge(int layer, int following) implements Search {
    @Override
    public String name() {
        return "merge";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    @Override
    public void check(int layers) {}

    @Override
    public Found search(SearchContext context, SearchLog log) {
        CollapsePlan plan =
                context.scores().best(context.merges(log.current(), layer, following), layer, following, log);
        log.accept(plan, layer, following, context.scores().confirm(plan));
        return Found.merged(plan);
    }
}
