package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Returns whether a fitted layer is better than the one before the fit, by what the original's layers above make of it on held-out
 * sequences: by the divergence of next-token distributions from the original's, or by the relative error of the final hidden states if
 * it is no language model.
 *
 * <p>A layer's own error is not enough: a fit to few tokens lowers it, on held-out sequences too, and still harms what the layers above
 * make of it. The layers above are the original's, not those of the plan: merged layers that aren't fitted yet answer a better input
 * by chance, and would have the best fits refused.
 */
final class FitJudge implements AutoCloseable {
    private static final int MOST_ROWS = 1024;

    private final LayerStack stack;
    private final LayerRunner runner;
    private final Metric metric;
    private final List<PlannedLayer> original;
    private final List<Member> members = new ArrayList<>();

    private FitJudge(LayerStack stack, Metric metric) {
        this.stack = stack;
        this.runner = LayerRunner.unpooled(stack);
        this.metric = metric;
        this.original = CollapsePlan.identity(stack.layerCount()).layers();
    }

    /**
     * A batch that judges.
     *
     * @param number its number among all
     * @param batch the batch
     * @param twice how the rows of two alternatives divide
     * @param reference the original's output
     */
    private record Member(int number, FitBatch batch, SequenceLayout twice, INDArray reference) {}

    /** Runs the original over held-out batches, the first of them that together have enough rows. */
    static FitJudge of(LayerStack stack, ImmutableList<FitBatch> all) {
        boolean language =
                LanguageStack.of(stack).isPresent() && all.get(0).input().isTokens();
        FitJudge judge = new FitJudge(stack, language ? Metrics.divergence() : Metrics.named("relative-error"));
        int rows = 0;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).heldOut() && rows < MOST_ROWS) {
                judge.add(i, all.get(i));
                rows += all.get(i).layout().rows();
            }
        }
        return judge;
    }

    private void add(int number, FitBatch batch) {
        INDArray embedded = stack.embed(batch.input());
        try (INDArray last = runner.runAll(original, embedded, batch.layout())) {
            members.add(new Member(number, batch, batch.layout().repeat(2), stack.finish(last)));
        }
    }

    /**
     * Compares a layer before and after a fit.
     *
     * @param entering what enters it
     * @param before the layer before the fit
     * @param after the layer after it
     * @param next the layer of the original that comes next, the number of layers for none
     * @return whether the model is nearer to the original with the fit
     */
    boolean prefers(HiddenStates entering, PlannedLayer before, PlannedLayer after, int next) {
        double gain = 0;
        for (Member member : members) {
            SequenceLayout layout = member.batch().layout();
            INDArray input = entering.get(member.number());
            INDArray both;
            try (INDArray plain = runner.run(before, input, layout);
                    INDArray fitted = runner.run(after, input, layout)) {
                both = Nd4j.concat(0, plain, fitted);
            }
            try (INDArray last = runner.runAll(original.subList(next, original.size()), both, member.twice());
                    INDArray output = stack.finish(last)) {
                ImmutableList<INDArray> each = ImmutableList.of(
                        HostFloats.rows(output, 0, layout.rows()),
                        HostFloats.rows(output, layout.rows(), 2L * layout.rows()));
                List<Double> scores = metric
                        .scoreAll(
                                each, member.reference(), stack, member.batch().input())
                        .stream()
                        .map(one -> one.value() * layout.count())
                        .toList();
                gain += scores.get(1) - scores.get(0);
            }
        }
        return gain > 0;
    }

    @Override
    public void close() {
        members.forEach(member -> member.reference().close());
        runner.close();
    }
}
