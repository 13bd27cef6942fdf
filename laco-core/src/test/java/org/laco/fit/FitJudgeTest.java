package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRules;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.search.CollapseListener;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyStack;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FitJudgeTest {
    private final ToyStack toy = ToyStack.ofLayers(5);
    private final List<Integer> rowsAtTheTop = new ArrayList<>();

    /** Counts the rows that run through the last layer. */
    private final class Counted extends ForwardingStack {
        Counted(LayerStack stack) {
            super(stack);
        }

        @Override
        public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
            if (layer == 4) {
                rowsAtTheTop.add(sequences.rows());
            }
            return super.forward(layer, weights, hidden, sequences);
        }
    }

    private static Calibration calibration(int length) {
        INDArray[] sequences = new INDArray[16];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = Nd4j.randn((long) i, new long[] {length, 2});
        }
        return Calibration.ofFeatures(sequences);
    }

    private static FittedTensor fitted(LayerStack stack, Calibration calibration, Fit how) {
        CollapsePlan plan = FitPass.run(
                stack,
                CollapsePlan.identity(5).merge(1, 1, MergeRules.keepFirst()),
                calibration,
                how,
                CollapseListener.NONE);
        return ((FittedLayer) plan.layers().get(1)).tensors().get("weight");
    }

    @Test
    void runsAboutAThousandRowsAtOnceHoweverManyWeightsThereAre() {
        Calibration calibration = calibration(300);
        FittedTensor chosen = fitted(new Counted(toy), calibration, Fit.ridge());

        // Two of sixteen sequences are held out, so 600 rows: the reference, then thirteen weights on the first of the
        // two, two or three at once, then the layer as it is and the best three weights on both by themselves.
        assertThat(rowsAtTheTop).containsExactly(600, 600, 900, 600, 900, 900, 600, 600, 600, 600);
        assertThat(chosen.sha256())
                .as("a batch of each held-out sequence: three weights at once")
                .isEqualTo(fitted(toy, calibration, Fit.ridge().batchRows(300)).sha256());
    }

    @Test
    void whatIsBestOnTheFirstSequenceOnlyIsOvertakenByAnotherOfTheBestFew() {
        // The first held-out sequence has nothing in its second coordinate, where the first weight is far off.
        float[][] flat = new float[300][];
        float[][] full = new float[300][];
        for (int row = 0; row < 300; row++) {
            flat[row] = new float[] {1 + row % 7, 0};
            full[row] = new float[] {1 + row % 7, 1 + row % 5};
        }
        INDArray[] sequences = new INDArray[16];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = Nd4j.createFromArray(i == 7 ? flat : full);
        }
        Calibration calibration = Calibration.ofFeatures(sequences);
        List<float[][]> weights = List.of(
                new float[][] {{0.01f, 5}, {-0.1f, 5}},
                new float[][] {{0.02f, -0.1f}, {0.1f, 0}},
                new float[][] {{0.5f, 0}, {0.5f, 0}},
                new float[][] {{0.6f, 0}, {0.6f, 0}},
                new float[][] {{0.7f, 0}, {0.7f, 0}});
        ImmutableList<FitBatch> batches =
                FitBatch.divide(calibration, Fit.ridge().batchRows(600));
        ToyStack straight = ToyStack.turning(0, 0, 0);
        try (HiddenStates entering = HiddenStates.entering(straight, batches);
                FitJudge judge = FitJudge.of(straight, batches);
                FitJudge.Comparison comparison = judge.compare(entering, 2)) {
            PlannedLayer layer = SourceLayer.of(1);
            comparison.add(fitted(layer, new float[][] {{3, 3}, {3, 3}}));
            weights.forEach(weight -> comparison.add(fitted(layer, weight)));

            assertThat(comparison.best())
                    .as("the first loses least where the second coordinate is 0, and most where it isn't")
                    .isEqualTo(2);
        }
    }

    private static FittedLayer fitted(PlannedLayer layer, float[][] weight) {
        return FittedLayer.with(
                layer,
                "weight",
                new FittedTensor(
                        new ClosedForm("ridge", 1, 1, 1, 1),
                        "0",
                        Optional.of(ArrayTensor.of("weight", Nd4j.createFromArray(weight)))));
    }

    @Test
    void goesTheStepThatIsBestForTheOutputAndNotAllTheWay() {
        Calibration calibration = calibration(12);
        ClosedForm chosen = (ClosedForm)
                fitted(toy, calibration, Fit.ridge(1e-6).steps(0.25, 1, 3)).provenance();

        assertThat(chosen.step()).isEqualTo(1);
        ClosedForm farther = (ClosedForm)
                fitted(toy, calibration, Fit.ridge(1).steps(0.25, 1, 2)).provenance();
        assertThat(farther.step())
                .as("λ = the mean diagonal halves the solution, and twice the half is all")
                .isEqualTo(2);
        assertThat(farther.errorAfter()).isLessThan(0.1 * farther.errorBefore());
    }

    @Test
    void namesTheStepsThatWereAskedFor() {
        assertThat(Fit.ridge(0.1).name()).isEqualTo("ridge:0.1");
        assertThat(Fit.ridge(0.1).steps(0.5, 1).name()).isEqualTo("ridge:0.1");
        assertThat(Fit.ridge(0.1).steps(0.25, 1).repairs(true).name()).isEqualTo("ridge+repairs:0.1 steps:0.25,1.0");
    }

    @Test
    void refusesStepsThatLeadNowhere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.ridge().steps())
                .withMessage("a fit needs at least one step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.ridge().steps(1, 0))
                .withMessage("a step toward a fit must be positive, not 0.0");
    }
}
