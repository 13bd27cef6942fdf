package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far a model's next-token distributions agree with the original's.
 *
 * <pre>{@code
 * ModelAgreement agreement = ModelAgreement.measure(original, collapsed, sequences, MeasureSettings.defaults());
 * agreement.topAgreement();   // 0.87: the share of positions at which both would go on with the same token
 * agreement.divergence();     // 0.11 nats
 * }</pre>
 *
 * @param topAgreement the share of positions at which both models give the highest probability to the same token
 * @param divergence the mean over all positions of KL(original ‖ other) = Σ p (log p − log q), in nats
 * @param positions the number of positions, every token of every sequence
 */
public record ModelAgreement(double topAgreement, double divergence, long positions) {
    /**
     * Compares two models.
     *
     * @param original the model with the distributions p
     * @param other the model with the distributions q
     * @param sequences token ids, special tokens included
     * @param settings how the work is divided
     * @return the agreement
     * @throws IllegalArgumentException if the models' vocabularies differ in size, there is no sequence, one is empty, or an id is
     *     not in the vocabulary
     * @throws ArithmeticException if a divergence is not a number; the message names the sequence and the position
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static ModelAgreement measure(
            LanguageStack original, LanguageStack other, List<int[]> sequences, MeasureSettings settings) {
        LanguageStack.require(original);
        LanguageStack.require(other);
        checkArgument(
                original.vocabulary() == other.vocabulary(),
                "the models have vocabularies of %s and %s tokens, so their distributions can't be compared",
                original.vocabulary(),
                other.vocabulary());
        Calibration input = TokenSequences.check(original, sequences);
        int rows = input.layout().rows();
        Progress progress =
                new Progress(settings.listener(), (original.layerCount() + other.layerCount() + 2.0) * rows);
        long widths = LayerwisePass.width(original, input) + LayerwisePass.width(other, input);
        long groupRows = settings.hiddenBytes() / Float.BYTES / widths;
        Sums sums = new Sums();
        try (LayerwisePass first = new LayerwisePass(original, progress);
                LayerwisePass second = new LayerwisePass(other, progress)) {
            for (ImmutableList<SequenceBatch> group :
                    SequenceBatch.group(SequenceBatch.divide(input, settings.batchRows()), groupRows)) {
                List<INDArray> p = first.outputs(group);
                try {
                    List<INDArray> q = second.outputs(group);
                    try {
                        for (int i = 0; i < group.size(); i++) {
                            sums.add(original, p.get(i), other, q.get(i), group.get(i));
                            progress.advance(2.0 * group.get(i).layout().rows());
                        }
                    } finally {
                        q.forEach(INDArray::close);
                    }
                } finally {
                    p.forEach(INDArray::close);
                }
            }
        }
        return new ModelAgreement((double) sums.agreeing / rows, sums.divergence / rows, rows);
    }

    private static final class Sums {
        private long agreeing;
        private double divergence;

        void add(LanguageStack original, INDArray p, LanguageStack other, INDArray q, SequenceBatch batch) {
            int[] rows = IntStream.range(0, batch.layout().rows()).toArray();
            LogitTile.forEachReference(original, p, rows, (one, from, to) -> {
                try (LogitTile two = LogitTile.of(other, q, Arrays.copyOfRange(rows, from, to))) {
                    double[] divergences = one.divergence(two);
                    for (int i = 0; i < divergences.length; i++) {
                        TokenSequences.requireNumber(divergences[i], "divergence", batch, from + i);
                        divergence += divergences[i];
                        agreeing += one.best()[i] == two.best()[i] ? 1 : 0;
                    }
                }
            });
        }
    }
}
