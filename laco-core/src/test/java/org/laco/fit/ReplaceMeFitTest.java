package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRules;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.search.CollapseListener;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ReplaceMeFitTest {
    private static final int WIDTH = 5;
    private static final int LAYERS = 4;

    private final TwoStepStack stack = TwoStepStack.ofLayers(LAYERS, WIDTH);
    private final Calibration calibration = calibration(16, 6);

    private static Calibration calibration(int sequences, int length) {
        Random random = new Random(8);
        INDArray[] features = new INDArray[sequences];
        for (int i = 0; i < sequences; i++) {
            float[][] rows = new float[length][WIDTH];
            for (float[] row : rows) {
                for (int column = 0; column < WIDTH; column++) {
                    row[column] = (float) random.nextGaussian();
                }
            }
            features[i] = Nd4j.createFromArray(rows);
        }
        return Calibration.ofFeatures(features);
    }

    /** A final norm that can be told from none. */
    private static final class Tripled extends ForwardingStack {
        Tripled(LayerStack stack) {
            super(stack);
        }

        @Override
        public INDArray finish(INDArray hidden) {
            return hidden.mul(3);
        }
    }

    private static FittedTensor fitted(CollapsePlan plan, int layer) {
        return ((FittedLayer) plan.layers().get(layer)).tensors().get("b");
    }

    private static CollapsePlan fit(LayerStack stack, int layer, int following, Calibration calibration, Fit how) {
        return FitPass.run(
                stack,
                CollapsePlan.identity(LAYERS).merge(layer, following, MergeRules.keepFirst()),
                calibration,
                how,
                CollapseListener.NONE);
    }

    private static RealMatrix wide(INDArray array) {
        return MatrixUtils.createRealMatrix(array.castTo(DataType.DOUBLE).toDoubleMatrix());
    }

    /** The authors' T'W over every row, by another library. */
    private RealMatrix expected(int layer, int end, double alpha, double factorOfEnd) {
        INDArray states = stack.embed(calibration);
        INDArray between = null;
        INDArray leaving = null;
        for (int i = 0; i < end; i++) {
            INDArray half = TwoStepStack.step(states, stack.first().get(i));
            states = TwoStepStack.step(half, stack.second().get(i));
            if (i == layer) {
                between = half;
                leaving = states;
            }
        }
        RealMatrix weight = wide(stack.second().get(layer));
        RealMatrix m = wide(between).multiply(weight.transpose());
        RealMatrix target = wide(states).scalarMultiply(factorOfEnd).add(m).subtract(wide(leaving));
        RealMatrix gram = m.transpose()
                .multiply(m)
                .add(MatrixUtils.createRealIdentityMatrix(WIDTH).scalarMultiply(alpha));
        RealMatrix transform = new LUDecomposition(gram)
                .getSolver()
                .getInverse()
                .multiply(m.transpose().multiply(target));
        return transform.transpose().multiply(weight);
    }

    private static void assertWeight(FittedTensor tensor, RealMatrix expected) {
        INDArray values = tensor.values().orElseThrow().load();
        for (int row = 0; row < WIDTH; row++) {
            for (int column = 0; column < WIDTH; column++) {
                assertThat(values.getDouble(row, column)).isCloseTo(expected.getEntry(row, column), within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 2.5})
    void solvesTheAuthorsEquationsOverEveryRow(double alpha) {
        FittedTensor tensor = fitted(fit(stack, 1, 1, calibration, Fit.replaceMe(alpha)), 1);

        assertWeight(tensor, expected(1, 3, alpha, 1));
        assertThat(tensor.provenance()).isInstanceOfSatisfying(ClosedForm.class, how -> {
            assertThat(how.method()).isEqualTo("replaceme");
            assertThat(how.ridge()).isEqualTo(alpha);
            assertThat(how.step()).isEqualTo(1);
            assertThat(how.errorAfter()).isLessThan(how.errorBefore());
        });
    }

    @Test
    void aimsAtTheNormedHiddenStatesWhereTheLastLayersAreLeftOut() {
        LayerStack tripled = new Tripled(stack);

        assertWeight(fitted(fit(tripled, 1, 2, calibration, Fit.replaceMe(0)), 1), expected(1, 4, 0, 3));
        assertWeight(fitted(fit(tripled, 1, 1, calibration, Fit.replaceMe(0)), 1), expected(1, 3, 0, 1));
    }

    @Test
    void comparesSpansByTheSameFits() {
        LayerStack tripled = new Tripled(stack);
        CollapsePlan identity = CollapsePlan.identity(LAYERS);
        try (SpanFits fits = SpanFits.of(tripled, calibration, Fit.replaceMe(0), 1, 3, FitListener.NONE)) {
            List<CollapsePlan> plans =
                    List.of(identity.merge(1, 1, MergeRules.keepFirst()), identity.merge(1, 2, MergeRules.keepFirst()));
            List<CollapsePlan> fitted = fits.fit(identity, 1, plans, List.of(1, 2));

            assertWeight(fitted(fitted.get(0), 1), expected(1, 3, 0, 1));
            assertWeight(fitted(fitted.get(1), 1), expected(1, 4, 0, 3));
        }
    }

    @Test
    void isTakenWhateverItDoes() {
        // A large α makes the transform next to nothing, so that the last step of the layer is lost.
        CollapsePlan plan = CollapsePlan.identity(LAYERS).merge(1, 1, MergeRules.keepFirst());
        LayerCollapse measure = LayerCollapse.builder().calibration(calibration).build();
        CollapsePlan harmed = fit(stack, 1, 1, calibration, Fit.replaceMe(1e6));

        ClosedForm how = (ClosedForm) fitted(harmed, 1).provenance();
        assertThat(how.errorAfter()).isGreaterThan(how.errorBefore());
        assertThat(measure.replay(stack, harmed).similarity())
                .isLessThan(measure.replay(stack, plan).similarity());
    }

    @Test
    void needsNoSequenceToHoldOut() {
        Calibration one = calibration(1, 40);
        FitPass.check(stack, one, Fit.replaceMe(0));

        assertThat(fitted(fit(stack, 1, 1, one, Fit.replaceMe(0)), 1)
                        .provenance()
                        .method())
                .isEqualTo("replaceme");
    }

    @Test
    void refusesEquationsThatRoundingWouldDecide() {
        // Every row is a multiple of one, so that M has rank 1.
        float[][] rows = new float[30][WIDTH];
        for (int row = 0; row < rows.length; row++) {
            for (int column = 0; column < WIDTH; column++) {
                rows[row][column] = (row + 1) * (column + 1);
            }
        }
        Calibration alike = Calibration.ofFeatures(Nd4j.createFromArray(rows));

        assertThatThrownBy(() -> fit(stack, 1, 1, alike, Fit.replaceMe(0)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage(
                        "the activations' Gram matrix of width 5 can't be factored: it is not finite, or it is singular and"
                                + " the ridge is too small for it; fit to more tokens, or with a larger ridge");
    }

    @Test
    void asksForATokenForEachUnitOfTheWidth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitPass.check(stack, calibration(1, 4), Fit.replaceMe(0)))
                .withMessage(
                        "layer 0's b can't be refit to 4 calibration tokens: the replaceme has 5 inputs there and needs 1"
                                + " tokens for each, 5 in all; give a longer text, or allow fewer tokens per input");
    }

    @ParameterizedTest
    @CsvSource({"replaceme, replaceme:0.0", "replaceme-ridge, 'transform:0.03,0.1,0.3,1.0,3.0,10.0'"})
    void isWhatTheSearchOfThatNameFitsBy(String search, String recorded) {
        CollapseResult result = LayerCollapse.builder()
                .search(Searches.named(search))
                .targetLayers(3)
                .calibration(calibration)
                .build()
                .apply(stack);

        assertThat(result.settings().parameters()).containsEntry("refit", recorded);
    }

    @Test
    void takesNoSettingsOfFitsThatAreJudged() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.replaceMe(-1))
                .withMessage("the alpha of ReplaceMe is added to a diagonal and can't be negative, as -1.0 is");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.replaceMe(0).steps(0.5))
                .withMessage("replaceme is taken as it is solved: leave the steps out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.replaceMe(0).repairs(true))
                .withMessage("replaceme fits merged layers alone: leave repairs out, or use ridge or transform");
        assertThat(Fit.replaceMe(0.5).repairs(false).calibration(calibration).name())
                .isEqualTo("replaceme:0.5");
    }
}
