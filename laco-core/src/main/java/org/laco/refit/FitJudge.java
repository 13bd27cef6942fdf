package org.laco.refit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.laco.CollapsePlan;
import org.laco.LayerStack;
import org.laco.PlannedLayer;
import org.laco.PlannedTensors;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Tells how well a whole model does on held-out sequences: by the divergence of its next-token distributions from the original's, or by
 * the relative error of its final hidden states if it is no language model.
 *
 * <p>A layer's own error is not enough: a fit to few tokens lowers it, on held-out sequences too, and still harms what the layers above
 * make of it.
 */
final class FitJudge implements AutoCloseable {
    private static final int MOST_ROWS = 1024;

    private final LayerStack stack;
    private final Metric metric;
    /** The numbers of the judging batches among all. */
    private final List<Integer> members = new ArrayList<>();

    private final List<FitBatch> batches = new ArrayList<>();
    private final List<INDArray> references = new ArrayList<>();

    private FitJudge(LayerStack stack, Metric metric) {
        this.stack = stack;
        this.metric = metric;
    }

    /** Runs the original over held-out batches, the first of them that together have enough rows. */
    static FitJudge of(LayerStack stack, ImmutableList<FitBatch> all) {
        boolean language = stack.vocabulary() > 0 && all.get(0).input().isTokens();
        FitJudge judge = new FitJudge(stack, language ? Metrics.divergence() : Metrics.named("relative-error"));
        int rows = 0;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).heldOut() && rows < MOST_ROWS) {
                judge.members.add(i);
                judge.batches.add(all.get(i));
                rows += all.get(i).layout().rows();
            }
        }
        List<PlannedLayer> original = CollapsePlan.identity(stack.layerCount()).layers();
        for (FitBatch batch : judge.batches) {
            try (INDArray embedded = stack.embed(batch.input())) {
                judge.references.add(judge.output(batch, embedded, original));
            }
        }
        return judge;
    }

    /**
     * Measures a model by its upper layers.
     *
     * @param entering what enters them
     * @param layers the layers
     * @return the mean over sequences of the metric, of which more is better
     */
    double score(HiddenStates entering, List<PlannedLayer> layers) {
        double sum = 0;
        int sequences = 0;
        for (int i = 0; i < batches.size(); i++) {
            FitBatch batch = batches.get(i);
            try (INDArray output = output(batch, entering.get(members.get(i)), layers)) {
                sum += metric.evaluate(output, references.get(i), stack, batch.input())
                                .similarity()
                        * batch.layout().count();
                sequences += batch.layout().count();
            }
        }
        return sum / sequences;
    }

    private INDArray output(FitBatch batch, INDArray entering, List<PlannedLayer> layers) {
        INDArray hidden = entering;
        for (PlannedLayer layer : layers) {
            if (Thread.interrupted()) {
                throw new CancellationException("interrupted");
            }
            INDArray next;
            try (LayerWeights weights = LayerWeights.load(PlannedTensors.of(stack, layer))) {
                next = stack.forward(layer.base().index(), weights, hidden, batch.layout());
            }
            if (hidden != entering) {
                hidden.close();
            }
            hidden = next;
        }
        INDArray output = stack.finish(hidden);
        if (hidden != entering) {
            hidden.close();
        }
        return output;
    }

    @Override
    public void close() {
        references.forEach(INDArray::close);
    }
}
