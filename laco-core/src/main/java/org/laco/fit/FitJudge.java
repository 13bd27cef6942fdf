package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Returns which of several weights of a layer is the best, by what the original's layers above make of it on held-out sequences: by the
 * divergence of next-token distributions from the original's, or by the relative error of the final hidden states if it is no language
 * model. Of many weights the best few on some of the rows and tokens are compared on all of them.
 *
 * <p>A layer's own error is not enough: a fit to few tokens lowers it, on held-out sequences too, and still harms what the layers above
 * make of it. The layers above are the original's, not those of the plan: merged layers that aren't fitted yet answer a better input
 * by chance, and would have the best fits refused.
 */
final class FitJudge implements AutoCloseable {
    private static final int MOST_ROWS = 1024;
    /** Likeliest tokens of each row on which all weights are compared before the best few of them are on everything. */
    private static final int SAMPLE_TOKENS = 64;

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
     * @param input its sequences
     * @param reference the original's output
     */
    private record Member(int number, Calibration input, INDArray reference) {
        SequenceLayout layout() {
            return input.layout();
        }

        /** Views the first sequences, which have together no more than a number of rows; at least one. */
        Member first(int rows) {
            Calibration some = input.first(rows);
            return new Member(
                    number, some, HostFloats.rows(reference, 0, some.layout().rows()));
        }
    }

    /** Runs the original over held-out batches, the first of them that together have enough rows. */
    static FitJudge of(LayerStack stack, ImmutableList<FitBatch> all) {
        boolean language =
                LanguageStack.of(stack).isPresent() && all.get(0).input().isTokens();
        FitJudge judge = new FitJudge(stack, language ? Metrics.divergence() : Metrics.named("relative-error"));
        members(all).forEach(number -> judge.add(number, all.get(number)));
        return judge;
    }

    /** Returns the numbers of the batches that judge: the first held-out ones that together have enough rows. */
    static ImmutableList<Integer> members(List<FitBatch> all) {
        ImmutableList.Builder<Integer> members = ImmutableList.builder();
        int rows = 0;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).heldOut() && rows < MOST_ROWS) {
                members.add(i);
                rows += all.get(i).layout().rows();
            }
        }
        return members.build();
    }

    private void add(int number, FitBatch batch) {
        INDArray embedded = stack.embed(batch.input());
        try (INDArray last = runner.runAll(original, embedded, batch.layout())) {
            members.add(new Member(number, batch.input(), stack.finish(last)));
        }
    }

    /**
     * Starts to compare weights of one layer.
     *
     * @param entering what enters it
     * @param next the layer of the original that comes next, the number of layers for none
     */
    Comparison compare(HiddenStates entering, int next) {
        return new Comparison(entering, original.subList(next, original.size()));
    }

    /** The layer with one weight after the other. What leaves it is kept, so that the weights themselves needn't be. */
    final class Comparison implements AutoCloseable {
        private final HiddenStates entering;
        private final List<PlannedLayer> above;
        /** For each weight what leaves the layer, one array a batch. */
        private final List<List<INDArray>> leaving = new ArrayList<>();

        private Comparison(HiddenStates entering, List<PlannedLayer> above) {
            this.entering = entering;
            this.above = above;
        }

        /** Adds the layer with a weight, which may be freed afterwards. */
        void add(PlannedLayer layer) {
            List<INDArray> each = new ArrayList<>();
            leaving.add(each);
            try (LoadedLayer loaded = runner.load(layer)) {
                for (Member member : members) {
                    each.add(loaded.run(entering.get(member.number()), member.layout()));
                }
            }
        }

        /** Returns the number of the best layer in the order in which they were added, the first of equal ones. */
        int best() {
            return new WeightChoice(
                            leaving.size(),
                            members.stream().map(Member::input).toList(),
                            passes -> passes.stream().map(this::scores).toList())
                    .best();
        }

        /** Sums the scores of a batch's sequences, or of those of the sample, for each weight of a pass. */
        double[] scores(WeightChoice.Pass pass) {
            Member whole = members.get(pass.member());
            Member member = pass.sample() ? whole.first(WeightChoice.SAMPLE_ROWS) : whole;
            Metric by = pass.sample() ? metric.amongLikely(SAMPLE_TOKENS, member.reference(), stack) : metric;
            List<INDArray> from = pass.weights().stream()
                    .map(weight -> HostFloats.rows(
                            leaving.get(weight).get(pass.member()),
                            0,
                            member.layout().rows()))
                    .toList();
            return pass(member, by, from).stream()
                    .mapToDouble(score -> score.value() * member.layout().count())
                    .toArray();
        }

        private List<Score> pass(Member member, Metric by, List<INDArray> from) {
            SequenceLayout layout = member.layout();
            // One array by itself would come back as it is and be closed twice.
            INDArray together = from.size() == 1 ? from.get(0).dup('c') : Nd4j.concat(0, from.toArray(INDArray[]::new));
            try (INDArray last = runner.runAll(above, together, layout.repeat(from.size()));
                    INDArray output = stack.finish(last)) {
                List<INDArray> each = new ArrayList<>();
                for (long i = 0; i < from.size(); i++) {
                    each.add(HostFloats.rows(output, i * layout.rows(), (i + 1) * layout.rows()));
                }
                return by.scoreAll(each, member.reference(), stack, member.input());
            }
        }

        @Override
        public void close() {
            leaving.forEach(each -> each.forEach(INDArray::close));
            leaving.clear();
        }
    }

    @Override
    public void close() {
        members.forEach(member -> member.reference().close());
        runner.close();
    }
}
