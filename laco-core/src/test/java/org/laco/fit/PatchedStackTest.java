package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.LlamaFixtures;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PatchedStackTest {
    private static final int WIDTH = 8;

    private final CausalModel model = LlamaFixtures.random(16, WIDTH, 6, 3);
    /** Sequences of different lengths, so that a mean over positions is not one over sequences. */
    private final Calibration calibration = calibration(12);

    private static Calibration calibration(int sequences) {
        Random random = new Random(4);
        int[][] tokens = new int[sequences][];
        for (int i = 0; i < sequences; i++) {
            tokens[i] = random.ints(3 + i % 5, 0, 16).toArray();
        }
        return Calibration.ofTokens(tokens);
    }

    private static CollapsePlan dropping(int layer, int following) {
        return CollapsePlan.identity(6).merge(layer, following, MergeRules.keepFirst());
    }

    private static double error(INDArray x, INDArray matrix, INDArray y) {
        return y.sub(x.castTo(DataType.DOUBLE).mmul(matrix.castTo(DataType.DOUBLE)))
                .norm2Number()
                .doubleValue();
    }

    /** A shortcut that regressed Y on X with an intercept left over, on fewer rows or the wrong layers would lose here. */
    @Test
    void leastSquaresHasNoMoreErrorThanTheGapAsItIsOrAnyMatrixNearby() {
        INDArray before = model.hidden(calibration, 2).castTo(DataType.DOUBLE);
        INDArray after = model.hidden(calibration, 4).castTo(DataType.DOUBLE);
        try (PatchedStack patched = PatchedStack.fit(model, dropping(1, 2), Patch.GHOSTED, calibration)) {
            INDArray matrix = patched.matrix(1);
            double error = error(before, matrix, after);

            assertThat(error).isLessThan(0.9 * error(before, Nd4j.eye(WIDTH), after));
            Nd4j.getRandom().setSeed(5);
            for (int i = 0; i < 20; i++) {
                INDArray nearby =
                        matrix.add(Nd4j.randn(DataType.FLOAT, WIDTH, WIDTH).muli(0.01));
                assertThat(error(before, nearby, after)).isGreaterThan(error);
            }
        }
    }

    @Test
    void linearPatchGivesRotatedChannelsTheMeanMagnitudesAfterTheGapInOneSequence() {
        Calibration one = Calibration.ofTokens(new int[] {3, 1, 4, 1, 5, 9, 2, 6});
        INDArray h = Hadamard.orthogonal(WIDTH).castTo(DataType.FLOAT);
        INDArray before = model.hidden(one, 2).mmul(h);
        INDArray after = model.hidden(one, 4).mmul(h);
        try (PatchedStack patched = PatchedStack.fit(model, dropping(1, 2), Patch.LINEAR_PATCH, one)) {
            INDArray rotated = h.transpose().mmul(patched.matrix(1)).mmul(h);
            INDArray scaled = before.mmul(rotated);
            for (int channel = 0; channel < WIDTH; channel++) {
                assertThat(magnitude(scaled, channel)).isCloseTo(magnitude(after, channel), within(1e-5));
                assertThat(rotated.getDouble(channel, (channel + 1) % WIDTH)).isCloseTo(0, within(1e-6));
            }
        }
    }

    private static double magnitude(INDArray rows, int channel) {
        double sum = 0;
        for (int row = 0; row < rows.size(0); row++) {
            sum += Math.abs(rows.getDouble(row, channel));
        }
        return sum / rows.size(0);
    }

    @Test
    void averagesTheRatiosOfSequencesAndDoesNotTakeTheRatioOfMeans() {
        INDArray h = Hadamard.orthogonal(WIDTH).castTo(DataType.FLOAT);
        INDArray before = model.hidden(calibration, 2).mmul(h);
        INDArray after = model.hidden(calibration, 4).mmul(h);
        SequenceLayout layout = calibration.layout();
        double expected = 0;
        for (int i = 0; i < layout.count(); i++) {
            double earlier = 0;
            double later = 0;
            for (int row = layout.start(i); row < layout.start(i) + layout.length(i); row++) {
                earlier += Math.abs(before.getDouble(row, 5));
                later += Math.abs(after.getDouble(row, 5));
            }
            expected += later / earlier / layout.count();
        }
        try (PatchedStack patched = PatchedStack.fit(model, dropping(1, 2), Patch.LINEAR_PATCH, calibration)) {
            double scale = h.transpose().mmul(patched.matrix(1)).mmul(h).getDouble(5, 5);

            assertThat(scale).isCloseTo(expected, within(1e-5));
            assertThat(scale).isNotCloseTo(magnitude(after, 5) / magnitude(before, 5), within(1e-3));
        }
    }

    @ParameterizedTest
    @EnumSource(Patch.class)
    void appliesAMatrixBehindTheLayerBeforeEachGap(Patch patch) {
        CollapsePlan plan =
                CollapsePlan.identity(6).merge(3, 2, MergeRules.keepFirst()).merge(0, 1, MergeRules.keepFirst());
        try (PatchedStack patched = PatchedStack.fit(model, plan, patch, calibration)) {
            INDArray lowest = model.hidden(calibration, 1).mmul(patched.matrix(0));
            CausalModel collapsed = model.collapsed(plan);
            INDArray middle = forward(collapsed, 1, lowest);
            INDArray top = collapsed.finish(forward(collapsed, 2, middle).mmul(patched.matrix(2)));

            assertThat(patched.patched()).containsExactly(0, 2);
            assertThat(patched.addedParameters()).isEqualTo(2 * WIDTH * WIDTH);
            assertThat(FinalHiddenStates.of(patched, calibration).distance2(top))
                    .isLessThan(1e-4);
            assertThat(FinalHiddenStates.of(collapsed, calibration).distance2(top))
                    .isGreaterThan(1e-2);
        }
    }

    private INDArray forward(CausalModel collapsed, int layer, INDArray hidden) {
        try (LayerWeights weights = LayerWeights.load(collapsed.tensors(layer))) {
            return collapsed.forward(layer, weights, hidden, calibration.layout());
        }
    }

    @Test
    void refusesWhatIsMergedByAnotherRule() {
        CollapsePlan merged = CollapsePlan.identity(6).merge(1, 2, MergeRules.mean());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatchedStack.fit(model, merged, Patch.GHOSTED, calibration))
                .withMessageEndingWith(
                        "can't be patched: a patch stands for layers that were left out, by the rule keep-first");
    }

    @Test
    void refusesFewerTokensThanTheMatrixHasRows() {
        Calibration few = Calibration.ofTokens(new int[] {1, 2, 3, 4, 5, 6, 7});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatchedStack.fit(model, dropping(1, 2), Patch.GHOSTED, few))
                .withMessage(
                        "ghosted needs at least 8 calibration tokens for a matrix of that width, not 7: give a longer text");
    }

    @Test
    void isNeitherFittedNorTrained() {
        try (PatchedStack patched = PatchedStack.fit(model, dropping(1, 2), Patch.GHOSTED, calibration)) {
            assertThatThrownBy(() -> patched.outputMap(0))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage(
                            "a stack with a matrix added at a gap is measured only: it can't be fitted, trained or written");
            assertThatThrownBy(() -> patched.stepMaps(0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> patched.record(0, null, null, null))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
