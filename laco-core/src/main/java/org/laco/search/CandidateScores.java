package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.evaluate.Batching;
import org.laco.evaluate.Evaluator;
import org.laco.fit.Fit;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;

/**
 * The scores of a search's candidates: what was measured before is known, everything else is asked of the evaluator.
 *
 * <p>Candidates are scored together first, which is fast and off by at most {@link #tolerance}. Where that could decide, they are
 * confirmed: scored by themselves in float32.
 */
public final class CandidateScores {
    private final Evaluator evaluator;
    private final ScoreCache cache;

    CandidateScores(Evaluator evaluator, ScoreCache cache) {
        this.evaluator = evaluator;
        this.cache = cache;
    }

    /**
     * Returns a candidate's score, confirmed unless something is known of it already.
     *
     * @param candidate the candidate's plan
     * @return the score
     */
    public Score of(CollapsePlan candidate) {
        return knows(candidate) ? cache.known(candidate) : confirm(candidate);
    }

    /**
     * Returns the scores of candidates, those that aren't known screened together. This is many times faster than one by one, even if
     * some of them turn out not to be needed.
     *
     * @param candidates the candidates' plans
     * @return their scores in the same order; they may differ from the confirmed ones by {@link #tolerance}
     */
    public ImmutableList<Score> of(List<CollapsePlan> candidates) {
        return cache.screen(candidates, evaluator::screen);
    }

    /**
     * Returns the scores of several lists of candidates, those that aren't known screened together with those of their own list.
     *
     * @param lists the candidates' plans
     * @return their scores in the same order; they may differ from the confirmed ones by {@link #tolerance}
     */
    public ImmutableList<ImmutableList<Score>> ofEach(List<? extends List<CollapsePlan>> lists) {
        return cache.screenEach(lists, evaluator::screenEach);
    }

    /**
     * Scores a candidate by itself in float32, for a decision that what it was screened with must not change.
     *
     * @param candidate the candidate's plan
     * @return the score that the candidate has whatever else is scored
     */
    public Score confirm(CollapsePlan candidate) {
        return cache.confirm(candidate, evaluator::confirm);
    }

    /**
     * Returns whether something is known of a candidate, so that its score costs nothing.
     *
     * @param candidate the candidate's plan
     * @return whether it was scored before
     */
    public boolean knows(CollapsePlan candidate) {
        return cache.knows(candidate);
    }

    /**
     * Returns whether a candidate has to be confirmed before it is held against a threshold: where its score is nearer than the
     * tolerance, and where it would be accepted by a score of less than float32's precision.
     *
     * @param score the candidate's score
     * @param threshold what it has to exceed
     * @return whether the confirmed score could lie on the other side, or would be needed for the record
     */
    public boolean isOpen(Score score, double threshold) {
        return score.value() > threshold - tolerance()
                && (score.value() < threshold + tolerance() || score.precision() != Precision.FLOAT32);
    }

    /**
     * Returns by how much the score of a screened candidate may differ from the confirmed one.
     *
     * @return the largest difference
     */
    public double tolerance() {
        return evaluator.tolerance();
    }

    /**
     * Returns how many candidates it pays to score together.
     *
     * @return the batching
     */
    public Batching batching() {
        return evaluator.batching();
    }

    /**
     * Scores candidates that will not be asked for again, such as those that hold fitted weights.
     *
     * @param candidates the candidates' plans
     * @return their scores in the same order
     */
    public ImmutableList<Score> once(List<CollapsePlan> candidates) {
        return evaluator.screen(candidates);
    }

    /**
     * Scores candidates that will not be asked for again, each by itself.
     *
     * @param candidates the candidates' plans
     * @param each receives their scores in the same order
     */
    void onceEach(List<CollapsePlan> candidates, Consumer<Score> each) {
        evaluator.screenEach(candidates.stream().map(ImmutableList::of).toList(), scores -> each.accept(scores.get(0)));
    }

    /**
     * Announces that the candidates to come share the lower layers of a plan.
     *
     * @param plan the plan
     */
    public void rebase(CollapsePlan plan) {
        evaluator.rebase(plan);
    }

    /**
     * Chooses among candidates that merge the same layers by different rules. All but the best are recorded as refused.
     *
     * @param candidates the candidates, at least one
     * @param at their base layer l
     * @param merged the number m of following layers
     * @param log where the others are recorded
     * @return the best candidate, the first one if several are
     */
    public CollapsePlan best(List<CollapsePlan> candidates, int at, int merged, SearchLog log) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        double highest = of(candidates).stream().mapToDouble(Score::rank).max().orElseThrow();
        // Where the tolerance could decide, candidates are confirmed.
        List<CollapsePlan> near = candidates.stream()
                .filter(one -> of(one).rank() >= highest - 2 * tolerance())
                .toList();
        if (near.size() > 1) {
            near.forEach(this::confirm);
        }
        CollapsePlan best = near.get(0);
        for (CollapsePlan one : near) {
            best = of(one).isBetterThan(of(best)) ? one : best;
        }
        for (CollapsePlan one : candidates) {
            if (!one.equals(best)) {
                log.refuse(one, at, merged, of(one));
            }
        }
        return best;
    }

    /** Returns what is known of a candidate after a fit. */
    Optional<Score> after(Fit fit, CollapsePlan candidate) {
        return cache.after(fit, candidate);
    }

    /** Keeps the score of a candidate after a fit. */
    void putAfter(Fit fit, CollapsePlan candidate, Score score) {
        cache.putAfter(fit, candidate, score);
    }
}
