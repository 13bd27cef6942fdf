package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.laco.Calibration;
import org.laco.LayerStack;
import org.laco.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The divergence of next-token distributions from the original's, KL(original ‖ other) = Σ p (log p − log q) in nats, mean over a
 * sequence's positions and negated so that more is better.
 */
final class Divergence implements Metric {
    @Override
    public String name() {
        return "kl";
    }

    @Override
    public boolean needsLogits() {
        return true;
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        SequenceLayout sequences = calibration.layout();
        int[] rows = IntStream.range(0, sequences.rows()).toArray();
        double[] divergences = new double[rows.length];
        LogitBlock.forEach(stack, reference, rows, (block, from, to) -> {
            try (LogitBlock other = LogitBlock.of(stack, candidate, Arrays.copyOfRange(rows, from, to))) {
                double[] part = block.divergence(other);
                System.arraycopy(part, 0, divergences, from, part.length);
            }
        });
        return IntStream.range(0, sequences.count())
                .mapToObj(i -> -IntStream.range(sequences.start(i), sequences.start(i) + sequences.length(i))
                        .mapToDouble(row -> divergences[row])
                        .average()
                        .orElseThrow())
                .collect(ImmutableList.toImmutableList());
    }
}
