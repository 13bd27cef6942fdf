package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.search.CollapseListener;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RepairTest {
    private static final int WIDTH = 5;
    private static final int LENGTH = 6;
    private static final int SEQUENCES = 16;

    private final TwoStepStack stack = TwoStepStack.ofLayers(4, WIDTH);
    private final Calibration calibration = calibration();
    private final Fit refit = Fit.ridge(3).repairs(true);

    private static Calibration calibration() {
        Random random = new Random(8);
        INDArray[] features = new INDArray[SEQUENCES];
        for (int i = 0; i < SEQUENCES; i++) {
            float[][] rows = new float[LENGTH][WIDTH];
            for (float[] row : rows) {
                for (int column = 0; column < WIDTH; column++) {
                    row[column] = (float) random.nextGaussian();
                }
            }
            features[i] = Nd4j.createFromArray(rows);
        }
        return Calibration.ofFeatures(features);
    }

    private CollapsePlan fit() {
        return FitPass.run(
                stack,
                CollapsePlan.identity(4).merge(0, 1, MergeRules.keepFirst()),
                calibration,
                refit,
                CollapseListener.NONE);
    }

    private static INDArray fitted(CollapsePlan plan, int layer, String weight) {
        return ((FittedLayer) plan.layers().get(layer))
                .tensors()
                .get(weight)
                .values()
                .orElseThrow()
                .load();
    }

    /** The change of a weight [out, in] by the normal equations in double, solved by another library. */
    private static RealMatrix change(INDArray inputs, INDArray residuals, INDArray targets, double multiple) {
        RealMatrix gram = MatrixUtils.createRealMatrix(WIDTH, WIDTH);
        RealMatrix cross = MatrixUtils.createRealMatrix(WIDTH, WIDTH);
        for (int row = 0; row < SEQUENCES * LENGTH; row++) {
            boolean heldOut = row / LENGTH % 8 == 7;
            if (heldOut || row % LENGTH == 0) {
                continue;
            }
            RealMatrix x = MatrixUtils.createRowRealMatrix(inputs.getRow(row).toDoubleVector());
            RealMatrix r = MatrixUtils.createRowRealMatrix(residuals.getRow(row).toDoubleVector());
            double weight = 1 / targets.getRow(row).norm2Number().doubleValue();
            gram = gram.add(x.transpose().multiply(x).scalarMultiply(weight));
            cross = cross.add(x.transpose().multiply(r).scalarMultiply(weight));
        }
        RealMatrix ridge =
                MatrixUtils.createRealIdentityMatrix(WIDTH).scalarMultiply(multiple * gram.getTrace() / WIDTH);
        return new LUDecomposition(gram.add(ridge)).getSolver().solve(cross).transpose();
    }

    private static void assertChange(INDArray before, INDArray after, RealMatrix expected) {
        for (int row = 0; row < WIDTH; row++) {
            for (int column = 0; column < WIDTH; column++) {
                assertThat(after.getDouble(row, column) - before.getDouble(row, column))
                        .isCloseTo(expected.getEntry(row, column), within(1e-5));
            }
        }
    }

    @Test
    void fitsEachStepOfAKeptLayerTowardWhatLeavesItInTheOriginal() {
        CollapsePlan plan = fit();

        INDArray embedded = stack.embed(calibration);
        INDArray enters = embedded;
        for (int layer = 0; layer < 2; layer++) {
            enters = TwoStepStack.step(
                    TwoStepStack.step(enters, stack.first().get(layer)),
                    stack.second().get(layer));
        }
        INDArray collapsed =
                TwoStepStack.step(TwoStepStack.step(embedded, stack.first().get(0)), fitted(plan, 0, "b"));
        INDArray a = stack.first().get(2);
        INDArray afterA = TwoStepStack.step(enters, a);
        assertChange(
                a, fitted(plan, 1, "a"), change(collapsed, afterA.sub(TwoStepStack.step(collapsed, a)), afterA, 3));

        INDArray between = TwoStepStack.step(collapsed, fitted(plan, 1, "a"));
        INDArray b = stack.second().get(2);
        INDArray afterB = TwoStepStack.step(afterA, b);
        assertChange(b, fitted(plan, 1, "b"), change(between, afterB.sub(TwoStepStack.step(between, b)), afterB, 3));
    }

    @Test
    void fitsTheMergedLayerByItsLastMapAlone() {
        assertThat(((FittedLayer) fit().layers().get(0)).tensors()).containsOnlyKeys("b");
    }

    @Test
    void repairsWhatASearchFound() {
        LayerCollapse.Builder builder = LayerCollapse.builder().targetLayers(3).calibration(calibration);
        double alone = builder.fit(refit.repairs(false)).build().apply(stack).similarity();
        double repaired = builder.fit(refit).build().apply(stack).similarity();

        assertThat(repaired).isGreaterThan(alone);
        assertThat(builder.build().apply(stack).settings().parameters()).containsEntry("refit", "ridge+repairs:3.0");
    }

    @Test
    void takesALayersLastStepForItsOnlyOneIfItsStackNamesNoOther() {
        ToyStack toy = ToyStack.ofLayers(3);
        assertThat(toy.stepMaps(1)).containsExactly(toy.outputMap(1));
    }
}
