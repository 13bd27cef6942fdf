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
import org.laco.stack.LoadedLayer;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Returns which of several weights of a layer is the best, by what the original's layers above make of it on held-out sequences: by the
 * divergence of next-token distributions from the original's, or by the relative error of the final hidden states if it is no language
 * model.
 *
 * <p>A layer's own error is not enough: a fit to few tokens lowers it, on held-out sequences too, and still harms what the layers above
 * make of it. The layers above are the original's, not those of the plan: merged layers that aren't fitted yet answer a better input
 * by chance, and would have the best fits refused.
 */
final class FitJudge implements AutoCloseable {
    private static final int MOST_ROWS = 1024;
    /** The most rows that the layers above are run on at once, unless a batch alone has more. */
    private static final int ROWS_AT_ONCE = 4096;

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
     * @param reference the original's output
     */
    private record Member(int number, FitBatch batch, INDArray reference) {}

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

    /** Returns a judge without sequences, for fits that are taken as they are. */
    static FitJudge none(LayerStack stack) {
        return new FitJudge(stack, Metrics.cosine());
    }

    private void add(int number, FitBatch batch) {
        INDArray embedded = stack.embed(batch.input());
        try (INDArray last = runner.runAll(original, embedded, batch.layout())) {
            members.add(new Member(number, batch, stack.finish(last)));
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

    /** The layer with one weight after the other. What leaves it is kept until there is enough of it for a pass through the layers above. */
    final class Comparison implements AutoCloseable {
        private final HiddenStates entering;
        private final List<PlannedLayer> above;
        private final int atOnce;
        /** For each layer that waits for a pass what leaves it, one array a batch. */
        private final List<List<INDArray>> waiting = new ArrayList<>();

        private final List<Double> scores = new ArrayList<>();

        private Comparison(HiddenStates entering, List<PlannedLayer> above) {
            this.entering = entering;
            this.above = above;
            int rows = members.stream()
                    .mapToInt(member -> member.batch().layout().rows())
                    .max()
                    .orElse(1);
            this.atOnce = Math.max(1, ROWS_AT_ONCE / rows);
        }

        /** Adds the layer with a weight, which may be freed afterwards. */
        void add(PlannedLayer layer) {
            List<INDArray> leaving = new ArrayList<>();
            waiting.add(leaving);
            try (LoadedLayer loaded = runner.load(layer)) {
                for (Member member : members) {
                    leaving.add(loaded.run(
                            entering.get(member.number()), member.batch().layout()));
                }
            }
            if (waiting.size() == atOnce) {
                pass();
            }
        }

        /** Returns the number of the best layer in the order in which they were added, the first of equal ones. */
        int best() {
            if (!waiting.isEmpty()) {
                pass();
            }
            int best = 0;
            for (int i = 1; i < scores.size(); i++) {
                // A number that isn't finite is never better.
                if (scores.get(i) > scores.get(best)) {
                    best = i;
                }
            }
            return best;
        }

        private void pass() {
            double[] sums = new double[waiting.size()];
            for (int i = 0; i < members.size(); i++) {
                int number = i;
                List<Double> each = scores(
                        members.get(i),
                        waiting.stream().map(leaving -> leaving.get(number)).toList());
                for (int layer = 0; layer < sums.length; layer++) {
                    sums[layer] += each.get(layer);
                }
            }
            for (double sum : sums) {
                scores.add(sum);
            }
            free();
        }

        /** Sums the scores of a batch's sequences, for each layer. */
        private List<Double> scores(Member member, List<INDArray> leaving) {
            SequenceLayout layout = member.batch().layout();
            // One array by itself would come back as it is and be closed twice.
            INDArray together =
                    leaving.size() == 1 ? leaving.get(0).dup('c') : Nd4j.concat(0, leaving.toArray(INDArray[]::new));
            try (INDArray last = runner.runAll(above, together, layout.repeat(leaving.size()));
                    INDArray output = stack.finish(last)) {
                List<INDArray> each = new ArrayList<>();
                for (long i = 0; i < leaving.size(); i++) {
                    each.add(HostFloats.rows(output, i * layout.rows(), (i + 1) * layout.rows()));
                }
                return metric
                        .scoreAll(
                                each, member.reference(), stack, member.batch().input())
                        .stream()
                        .map(one -> one.value() * layout.count())
                        .toList();
            }
        }

        private void free() {
            waiting.forEach(leaving -> leaving.forEach(INDArray::close));
            waiting.clear();
        }

        @Override
        public void close() {
            free();
        }
    }

    @Override
    public void close() {
        members.forEach(member -> member.reference().close());
        runner.close();
    }
}
