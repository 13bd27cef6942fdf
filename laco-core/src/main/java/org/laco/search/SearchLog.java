package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;

/** The current model of a search, and the record of how it came to be. */
public final class SearchLog {
    private final CollapseListener listener;
    private final Map<String, Object> findings = new LinkedHashMap<>();
    private final List<CollapseStep> steps = new ArrayList<>();
    private CollapsePlan current;
    private Score score;

    private SearchLog(CollapsePlan original, Score score, CollapseListener listener) {
        this.current = original;
        this.score = score;
        this.listener = listener;
    }

    /**
     * Starts with the model as it is.
     *
     * @param context the search's model and scores
     * @param listener receives each decision
     * @return the log
     */
    public static SearchLog start(SearchContext context, CollapseListener listener) {
        return new SearchLog(context.original(), context.scores().of(context.original()), listener);
    }

    /**
     * Returns the current model's plan.
     *
     * @return the plan of the last accepted candidate, at first one that changes nothing
     */
    public CollapsePlan current() {
        return current;
    }

    /**
     * Returns the score of the current model.
     *
     * @return that of the last accepted candidate
     */
    public Score score() {
        return score;
    }

    /**
     * Returns the record so far.
     *
     * @return the steps in the order in which they were decided
     */
    public ImmutableList<CollapseStep> steps() {
        return ImmutableList.copyOf(steps);
    }

    /**
     * Returns what the search found out.
     *
     * @return values by name
     */
    public ImmutableMap<String, Object> findings() {
        return ImmutableMap.copyOf(findings);
    }

    /**
     * Adds something that the search found out to the record.
     *
     * @param name its name, such as {@code threshold}
     * @param value a number, string or boolean
     */
    public void note(String name, Object value) {
        findings.put(name, value);
    }

    /**
     * Tells how much there is to do from now on, at most, so that it can be said how long that takes.
     *
     * @param layerRuns how often a layer will be run until the search ends, each candidate counted by itself
     */
    public void expect(long layerRuns) {
        listener.expected(layerRuns);
    }

    /**
     * Records a candidate that becomes the current model.
     *
     * @param candidate the candidate's plan
     * @param at the base layer l
     * @param merged the number m of layers merged into it
     * @param reached its score
     */
    public void accept(CollapsePlan candidate, int at, int merged, Score reached) {
        accept(candidate, CollapseStep.scored(at, merged, candidate.rule(at), reached, true), reached);
    }

    /** Records a candidate that becomes the current model by a step that isn't one merge. */
    void accept(CollapsePlan candidate, CollapseStep step, Score reached) {
        current = candidate;
        score = reached;
        record(step);
    }

    /**
     * Records a candidate that does not become the current model.
     *
     * @param candidate the candidate's plan
     * @param at the base layer l
     * @param merged the number m of layers merged into it
     * @param reached its score
     */
    public void refuse(CollapsePlan candidate, int at, int merged, Score reached) {
        record(CollapseStep.scored(at, merged, candidate.rule(at), reached, false));
    }

    /**
     * Records a candidate that was not scored.
     *
     * @param at the base layer l
     * @param merged the number m of layers that would have been merged into it
     * @param reason why, in one sentence
     */
    public void skip(int at, int merged, String reason) {
        record(CollapseStep.skipped(at, merged, reason));
    }

    /** Records a step that leaves the current model as it is. */
    void record(CollapseStep step) {
        steps.add(step);
        listener.decided(step, current.size());
    }
}
