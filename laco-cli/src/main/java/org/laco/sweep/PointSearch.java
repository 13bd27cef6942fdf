package org.laco.sweep;

import java.util.Optional;
import java.util.function.Supplier;
import org.laco.CollapseResult;
import org.laco.Journal;
import org.laco.LayerCollapse;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.fit.Fit;
import org.laco.fit.GapGain;
import org.laco.fit.PatchedStack;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseListener;
import org.laco.stack.Calibration;

/** Finds what one method makes of the model at one size, on the tokens that all methods see. */
final class PointSearch {
    private final SweepInputs inputs;
    private final Optional<EvaluatorFactory> evaluator;
    private final CollapseListener listener;

    PointSearch(SweepInputs inputs, Optional<EvaluatorFactory> evaluator, CollapseListener listener) {
        this.inputs = inputs;
        this.evaluator = evaluator;
        this.listener = listener;
    }

    /**
     * What was found.
     *
     * @param result the collapsed model
     * @param patched it with a matrix at each gap, empty if the method adds none
     */
    record Found(CollapseResult result, Optional<PatchedStack> patched) implements AutoCloseable {
        @Override
        public void close() {
            patched.ifPresent(PatchedStack::close);
        }
    }

    /**
     * Searches.
     *
     * @throws IllegalArgumentException if the method can't reach the size, or the tokens are too few for it
     */
    Found find(SweepMethod method, int target, Journal journal) {
        LayerCollapse.Builder builder = LayerCollapse.builder()
                .search(method.search())
                .targetLayers(target)
                .calibration(inputs.calibration())
                .journal(journal)
                .listener(listener);
        evaluator.ifPresent(builder::evaluator);
        if (method.refit() || method.search().fit().isPresent()) {
            builder.fit(method.search().fit().map(this::alike).orElse(inputs.refit()));
        }
        CollapseResult found = builder.build().apply(inputs.checkpoint().model());
        CollapseResult result = method.folded() ? folded(found) : found;
        return new Found(result, patched(method, result.plan()));
    }

    /** Folds in what of LinearPatch can be, on the tokens of the fits. */
    private CollapseResult folded(CollapseResult found) {
        return determined(() -> found.with(GapGain.fold(inputs.checkpoint().model(), found.plan(), fitTokens())));
    }

    /** Adds matrices at the gaps if the method wants them, on the tokens of the fits. */
    private Optional<PatchedStack> patched(SweepMethod method, CollapsePlan plan) {
        return method.patch()
                .map(patch ->
                        determined(() -> PatchedStack.fit(inputs.checkpoint().model(), plan, patch, fitTokens())));
    }

    /**
     * Estimates something on tokens.
     *
     * @throws IllegalArgumentException if they don't determine it, which ends this point and not the sweep
     */
    private static <T> T determined(Supplier<T> estimate) {
        try {
            return estimate.get();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private Calibration fitTokens() {
        return inputs.refit().calibration().orElse(inputs.calibration());
    }

    /** Every fit of the sweep sees the same tokens, and is refused for the same want of them. */
    private Fit alike(Fit own) {
        return own.calibration(fitTokens()).tokensPerInput(inputs.refit().tokensPerInput());
    }
}
