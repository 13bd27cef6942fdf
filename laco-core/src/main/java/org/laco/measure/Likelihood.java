package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mean log-probability of a sequence's own tokens, each after those before it, in nats; a sequence of one token, of which none is
 * predicted, has no number. Its exponential is the inverse of the perplexity.
 */
final class Likelihood implements NextTokenMetric {
    @Override
    public String name() {
        return "likelihood";
    }

    @Override
    public ImmutableList<Double> perSequence(NextTokens nextTokens) {
        return nextTokens.likelihoods();
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        LanguageStack model = LanguageStack.require(stack);
        SequenceLayout sequences = calibration.layout();
        int[] rows = IntStream.range(0, sequences.count())
                .flatMap(i -> IntStream.range(sequences.start(i), sequences.start(i) + sequences.length(i) - 1))
                .toArray();
        int[] next = IntStream.range(0, sequences.count())
                .flatMap(i -> IntStream.of(calibration.tokens(i)).skip(1))
                .toArray();
        checkArgument(rows.length > 0, "no sequence has a second token, expected one for the likelihood to be of");
        double[] scores = new double[rows.length];
        LogitTile.forEach(model, candidate, rows, (block, from, to) -> {
            double[] part = block.logProbabilities(Arrays.copyOfRange(next, from, to));
            System.arraycopy(part, 0, scores, from, part.length);
        });
        return IntStream.range(0, sequences.count())
                .filter(i -> sequences.length(i) > 1)
                .mapToObj(i -> IntStream.range(0, sequences.length(i) - 1)
                        .mapToDouble(at -> scores[sequences.start(i) - i + at])
                        .average()
                        .orElseThrow())
                .collect(ImmutableList.toImmutableList());
    }
}
