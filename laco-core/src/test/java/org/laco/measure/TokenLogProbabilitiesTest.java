package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LanguageStack;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

class TokenLogProbabilitiesTest {
    private static final double[][] UNIFORM = {{.5, .5}, {.5, .5}};

    @Test
    void agreesWithSoftmaxInDoubleOnEachSequenceAlone() {
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);
        List<int[]> sequences = sequences(23, 5, 1, 9, 2, 9, 17, 3);

        List<ImmutableDoubleArray> together = TokenLogProbabilities.of(model).compute(sequences);

        for (int i = 0; i < sequences.size(); i++) {
            assertClose(together.get(i), softmax(model, sequences.get(i)), 5e-6);
        }
    }

    @Test
    void loseNoDigitsAndNoRowOverAMillionTokens() {
        CausalModel model = LlamaFixtures.random(1 << 20, 4, 1, 11);
        int[] sequence = sequences(1 << 20, 19).get(0);

        ImmutableDoubleArray computed =
                TokenLogProbabilities.of(model).compute(List.of(sequence)).get(0);

        assertClose(computed, softmax(model, sequence), 2e-6);
    }

    @Test
    void doesNotDependOnHowTheWorkIsDivided() {
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);
        List<int[]> sequences = sequences(23, 5, 1, 9, 2, 9, 17, 3);
        List<ImmutableDoubleArray> usual = TokenLogProbabilities.of(model).compute(sequences);

        for (int rows : new int[] {1, 10, 1000}) {
            for (long bytes : new long[] {1, 8 * 4 * 12, 1 << 20}) {
                MeasureSettings settings =
                        MeasureSettings.defaults().withBatchRows(rows).withHiddenBytes(bytes);
                List<ImmutableDoubleArray> divided =
                        TokenLogProbabilities.of(model, settings).compute(sequences);
                for (int i = 0; i < sequences.size(); i++) {
                    assertClose(divided.get(i), usual.get(i).toArray(), 5e-6);
                }
            }
        }
    }

    @Test
    void scoresOnlyTheTokensAskedFor() {
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);
        List<int[]> sequences = sequences(23, 5, 9, 2);
        List<ImmutableDoubleArray> all = TokenLogProbabilities.of(model).compute(sequences);
        List<Integer> from = List.of(3, 9, 1);

        List<ImmutableDoubleArray> some = TokenLogProbabilities.of(model).compute(sequences, from::get);

        assertClose(some.get(0), all.get(0).subArray(2, 4).toArray(), 5e-6);
        assertThat(some.get(1).isEmpty()).isTrue();
        assertClose(some.get(2), all.get(2).toArray(), 5e-6);
    }

    @Test
    void sharesWhatTheSequencesOfAGroupBeginWith() {
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);
        List<int[]> sequences = questions();
        List<Integer> from = List.of(6, 6, 6, 60, 60, 60, 2);
        List<Integer> group = List.of(0, 0, 0, 1, 1, 1, 2);
        List<ImmutableDoubleArray> alone = TokenLogProbabilities.of(model).compute(sequences, from::get);

        for (int rows : new int[] {1, 70, 2048}) {
            List<ImmutableDoubleArray> shared = TokenLogProbabilities.of(
                            model, MeasureSettings.defaults().withBatchRows(rows))
                    .computeSharing(sequences, from::get, group::get);
            for (int i = 0; i < sequences.size(); i++) {
                assertClose(shared.get(i), alone.get(i).toArray(), 5e-6);
            }
        }
    }

    /** Three choices after a context of six tokens, three after one of sixty, and a sequence by itself. */
    private static List<int[]> questions() {
        List<int[]> parts = sequences(23, 6, 60, 1, 4, 9, 5);
        return List.of(
                Ints.concat(parts.get(0), parts.get(2)),
                Ints.concat(parts.get(0), parts.get(3)),
                Ints.concat(parts.get(0), parts.get(4)),
                Ints.concat(parts.get(1), parts.get(4)),
                Ints.concat(parts.get(1), parts.get(4), parts.get(2)),
                Ints.concat(parts.get(1), parts.get(3)),
                parts.get(5));
    }

    @Test
    void runsSharedRowsOnceAndNoLastTokens() {
        List<Integer> rows = new ArrayList<>();
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);

        TokenLogProbabilities.of(counting(model, rows)).computeSharing(questions(), i -> 1, i -> i == 6 ? 2 : i / 3);

        // 6 and 0 + 3 + 8 rows of the first question, 60 and 9 + 3 of the second, of whose second choice the last token
        // isn't run; then 4.
        assertThat(rows).containsExactly(6 + 3 + 8 + 60 + 9 + 3 + 4, 93, 93);
    }

    @Test
    void sharesNothingWithAModelThatKnowsNoBranches() {
        List<Integer> rows = new ArrayList<>();
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);
        LanguageStack plain = new ForwardingStack(counting(model, rows)) {
            @Override
            public int longestBranch() {
                return 20;
            }
        };
        List<Integer> from = List.of(6, 6, 6, 60, 60, 60, 2);

        List<ImmutableDoubleArray> shared =
                TokenLogProbabilities.of(plain).computeSharing(questions(), from::get, i -> i == 6 ? 2 : i / 3);

        // The second question is longer than 20 tokens: its choices are run with a context each.
        assertThat(rows).containsExactly(6 + 3 + 8 + 68 + 69 + 63 + 4, 221, 221);
        List<ImmutableDoubleArray> alone = TokenLogProbabilities.of(model).compute(questions(), from::get);
        for (int i = 0; i < alone.size(); i++) {
            assertClose(shared.get(i), alone.get(i).toArray(), 5e-6);
        }
    }

    private static LanguageStack counting(CausalModel model, List<Integer> rows) {
        return new ForwardingStack(model) {
            @Override
            public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
                rows.add(sequences.rows());
                return super.forward(layer, weights, hidden, sequences);
            }
        };
    }

    @Test
    void tellsItsProgressUpToTheEnd() {
        List<Double> told = new ArrayList<>();
        MeasureSettings settings = MeasureSettings.defaults().withBatchRows(4).withListener(told::add);

        TokenLogProbabilities.of(LlamaFixtures.bigram(UNIFORM), settings)
                .compute(List.of(new int[] {0, 1, 0}, new int[] {1, 1}));

        assertThat(told).isSorted().hasSize(6);
        assertThat(told.get(0)).isEqualTo(2 / 15.0);
        assertThat(told.get(5)).isEqualTo(1);
    }

    @Test
    void refusesTokensOutsideOfTheVocabulary() {
        TokenLogProbabilities probabilities = TokenLogProbabilities.of(LlamaFixtures.bigram(UNIFORM));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> probabilities.compute(List.of(new int[] {0}, new int[] {1, 2})))
                .withMessage("sequence 1, position 1: token id 2 is not in the vocabulary of 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> probabilities.compute(List.of(new int[] {-1})))
                .withMessage("sequence 0, position 0: token id -1 is not in the vocabulary of 2");
    }

    @Test
    void refusesSequencesThatGiveNothingToScore() {
        TokenLogProbabilities probabilities = TokenLogProbabilities.of(LlamaFixtures.bigram(UNIFORM));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> probabilities.compute(List.of()))
                .withMessage("there is nothing to measure on: expected at least one sequence");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> probabilities.compute(List.of(new int[] {1}, new int[0])))
                .withMessage("sequence 1 is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> probabilities.compute(List.of(new int[] {1, 1}), sequence -> 3))
                .withMessage("sequence 0: tokens are scored from position 3, expected 1 to 2");
    }

    @Test
    void namesThePositionWhereTheModelComputesNaN() {
        double[][] broken = {{.5, .5}, {Double.NaN, .5}};

        assertThatThrownBy(() -> TokenLogProbabilities.of(LlamaFixtures.bigram(broken))
                        .compute(List.of(new int[] {0, 0}, new int[] {0, 0, 0})))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("sequence 0, position 0: the log-probability of the next token is not a number,"
                        + " since the model's logits are not finite");
    }

    @Test
    void stopsWhenTheThreadIsInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() ->
                        TokenLogProbabilities.of(LlamaFixtures.bigram(UNIFORM)).compute(List.of(new int[] {0, 1})))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static List<int[]> sequences(int vocabulary, int... lengths) {
        Random random = new Random(3);
        ImmutableList.Builder<int[]> sequences = ImmutableList.builder();
        for (int length : lengths) {
            sequences.add(random.ints(length, 0, vocabulary).toArray());
        }
        return sequences.build();
    }

    private static double[] softmax(CausalModel model, int[] sequence) {
        try (INDArray hidden = model.hidden(Calibration.ofTokens(sequence), model.layerCount());
                INDArray output = model.finish(hidden);
                INDArray logits = model.logits(output)) {
            double[] result = new double[sequence.length - 1];
            for (int at = 0; at < result.length; at++) {
                double[] row = logits.getRow(at).toDoubleVector();
                double sum = 0;
                for (double logit : row) {
                    sum += Math.exp(logit);
                }
                result[at] = row[sequence[at + 1]] - Math.log(sum);
            }
            return result;
        }
    }

    private static void assertClose(ImmutableDoubleArray actual, double[] expected, double tolerance) {
        assertThat(actual.toArray()).containsExactly(expected, within(tolerance));
    }
}
