package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The places of a plan where layers were left out, and the original's hidden states before and after each. */
final class Gaps {
    /** Takes the hidden states around one gap. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Takes those of one gap, in the order from below.
         *
         * @param layer the layer of the plan behind which it is
         * @param before what enters the layers that are left out
         * @param after what leaves them, before the final norm if they are the last ones
         */
        void visit(int layer, HiddenStates before, HiddenStates after);
    }

    /** Takes the hidden states of some sequences before and after a gap. */
    @FunctionalInterface
    interface Pair {
        void add(INDArray before, INDArray after, SequenceLayout sequences);
    }

    private static final int BATCH_ROWS = 2048;

    private final LayerStack original;
    private final CollapsePlan plan;
    private final ImmutableList<FitBatch> batches;

    private Gaps(LayerStack original, CollapsePlan plan, ImmutableList<FitBatch> batches) {
        this.original = original;
        this.plan = plan;
        this.batches = batches;
    }

    /**
     * Looks for the gaps of a plan.
     *
     * @throws IllegalArgumentException if the plan does other things than leaving layers out
     */
    static Gaps of(LayerStack original, CollapsePlan plan, Calibration calibration) {
        plan.layers().forEach(Gaps::requireDropped);
        checkArgument(plan.outside().isEmpty(), "the plan has trained weights outside of the layers: patch it before");
        return new Gaps(original, plan, FitBatch.all(calibration, BATCH_ROWS));
    }

    private static void requireDropped(PlannedLayer layer) {
        boolean dropped = layer instanceof MergedLayer merged
                && merged.rule().equals(MergeRules.keepFirst())
                && merged.parts().stream().allMatch(SourceLayer.class::isInstance);
        checkArgument(
                layer instanceof SourceLayer || dropped,
                "%s can't be patched: a patch stands for layers that were left out, by the rule %s",
                layer,
                MergeRules.keepFirst().name());
    }

    /** The width of the hidden states. */
    int width() {
        try (INDArray first = original.embed(batches.get(0).input())) {
            return Math.toIntExact(first.size(1));
        }
    }

    /** Runs the original once and shows the hidden states around each gap, which are freed afterwards. */
    void forEach(Visitor visitor) {
        int reached = 0;
        try (HiddenStates states = HiddenStates.entering(original, batches)) {
            for (int layer : plan.changedLayers()) {
                PlannedLayer dropped = plan.layers().get(layer);
                reached = advance(states, reached, dropped.base().index() + 1);
                try (HiddenStates before = states.copy()) {
                    reached = advance(states, reached, Collections.max(dropped.sources()) + 1);
                    visitor.visit(layer, before, states);
                }
            }
        }
    }

    /** Shows the hidden states around a gap, a batch of sequences at a time. */
    static void forEachBatch(HiddenStates before, HiddenStates after, Pair pair) {
        for (int i = 0; i < before.batches().size(); i++) {
            pair.add(before.get(i), after.get(i), before.batches().get(i).layout());
        }
    }

    private static int advance(HiddenStates states, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            states.advance(SourceLayer.of(layer));
        }
        return to;
    }
}
