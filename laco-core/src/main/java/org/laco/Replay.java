package org.laco;

import com.google.common.collect.ImmutableMap;
import org.laco.plan.CollapsePlan;
import org.laco.search.Found;
import org.laco.search.Search;
import org.laco.search.SearchContext;
import org.laco.search.SearchLog;

/**
 * The plan that was given, without a search.
 *
 * @param plan the plan
 */
record Replay(CollapsePlan plan) implements Search {
    @Override
    public String name() {
        return "replay";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    @Override
    public void check(int layers) {}

    @Override
    public Found search(SearchContext context, SearchLog log) {
        return Found.merged(plan);
    }
}
