package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The divergence of next-token distributions from the original's, KL(original ‖ other) = Σ p (log p − log q) in nats, mean over a
 * sequence's positions and negated so that more is better.
 */
final class Divergence implements NextTokenMetric {
    @Override
    public String name() {
        return "kl";
    }

    @Override
    public ImmutableList<Double> perSequence(NextTokens nextTokens) {
        return nextTokens.divergences();
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        return perSequence(NextTokens.of(candidate, reference, stack, calibration));
    }

    @Override
    public ImmutableList<Score> scoreAll(
            List<INDArray> candidates, INDArray reference, LayerStack stack, Calibration calibration) {
        return NextTokens.of(candidates, reference, stack, calibration).stream()
                .map(this::perSequence)
                .map(this::mean)
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public Metric amongLikely(int likeliest, INDArray reference, LayerStack stack) {
        return LikelyDivergence.of(likeliest, reference, stack);
    }
}
