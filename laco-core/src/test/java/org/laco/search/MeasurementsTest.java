package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.fit.Fit;
import org.laco.measure.Metrics;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MeasurementsTest {
    private static final int LAYERS = 10;

    private final ToyStack stack = ToyStack.ofLayers(LAYERS);
    private final Calibration calibration = calibration();
    private final Measurements measurements = Measurements.create();
    private long runs;

    private static Calibration calibration() {
        Random random = new Random(5);
        INDArray[] features = new INDArray[10];
        for (int i = 0; i < features.length; i++) {
            features[i] = Nd4j.createFromArray(new float[][] {
                {(float) random.nextGaussian(), (float) random.nextGaussian()},
                {(float) random.nextGaussian(), (float) random.nextGaussian()}
            });
        }
        return Calibration.ofFeatures(features);
    }

    private LayerCollapse.Builder builder(String search, int target) {
        return LayerCollapse.builder()
                .search(Searches.named(search))
                .objective(Metrics.cosine())
                .targetLayers(target)
                .calibration(calibration)
                .listener(new CollapseListener() {
                    @Override
                    public void layerRun(int layer, int candidates) {
                        runs += Math.max(1, candidates);
                    }
                });
    }

    /** Counts the layers that candidates run through, and those of the original. */
    private long runsOf(LayerCollapse.Builder builder) {
        runs = 0;
        builder.build().apply(stack);
        return runs;
    }

    private static void assertSame(CollapseResult one, CollapseResult other) {
        assertThat(one.plan().unfitted()).isEqualTo(other.plan().unfitted());
        assertThat(one.steps()).hasSameSizeAs(other.steps());
        for (int i = 0; i < one.steps().size(); i++) {
            CollapseStep step = one.steps().get(i);
            CollapseStep same = other.steps().get(i);
            assertThat(step.layer()).isEqualTo(same.layer());
            assertThat(step.merged()).isEqualTo(same.merged());
            assertThat(step.accepted()).isEqualTo(same.accepted());
            assertThat(step.score().orElseThrow().value())
                    .isCloseTo(same.score().orElseThrow().value(), within(LocalEvaluator.NOISE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "greedy", "laco", "shortgpt", "angular", "replaceme", "replaceme-ridge", "last"})
    void searchesThatShareThemFindAndRecordWhatTheyFindByThemselves(String search) {
        for (int target : new int[] {5, 7, 8}) {
            assertSame(
                    builder(search, target).measurements(measurements).build().apply(stack),
                    builder(search, target).build().apply(stack));
        }
    }

    @Test
    void aSearchWithARefitFindsWhatItFindsByItself() {
        Fit refit = Fit.ridge(0.1, 1);
        for (int target : new int[] {5, 8, 4}) {
            assertSame(
                    builder("runs", target)
                            .fit(refit)
                            .measurements(measurements)
                            .build()
                            .apply(stack),
                    builder("runs", target).fit(refit).build().apply(stack));
        }
    }

    /** The original's ten layers and those of the result for its record; runs measures three finalists as a whole besides. */
    @ParameterizedTest
    @CsvSource({"runs, 42", "greedy, 60"})
    void aFurtherTargetTakesLittleMoreThanTheOriginalAndTheResult(String search, long most) {
        long byItself = runsOf(builder(search, 8));
        long first = runsOf(builder(search, 6).measurements(measurements));

        assertThat(first).isGreaterThan(byItself).isEqualTo(runsOf(builder(search, 6)));
        assertThat(runsOf(builder(search, 8).measurements(measurements)))
                .isLessThanOrEqualTo(most)
                .isLessThan(byItself / 2);
    }

    @Test
    void fittedRunsAreMeasuredOnce() {
        Fit refit = Fit.ridge(0.1, 1);
        long byItself = runsOf(builder("runs", 8).fit(refit));
        runsOf(builder("runs", 6).fit(refit).measurements(measurements));

        long again = runsOf(builder("runs", 8).fit(refit).measurements(measurements));
        long alike = runsOf(builder("runs", 8).fit(Fit.ridge(0.1, 1)).measurements(measurements));
        long another = runsOf(builder("runs", 8).fit(Fit.ridge(0.3, 1)).measurements(measurements));
        assertThat(again).isEqualTo(alike).isLessThan(byItself / 2);
        assertThat(another)
                .as("another refit fits other weights, which are measured anew; what runs lose without a fit is known")
                .isGreaterThan(again)
                .isLessThan(byItself);
    }

    @Test
    void runsFittedForPlansThatAreRepairedAreMeasuredOnce() {
        Fit refit = Fit.ridge(0.1, 1).repairs(true);
        long byItself = runsOf(builder("runs", 8).fit(refit));
        runsOf(builder("runs", 6).fit(refit).measurements(measurements));

        assertThat(runsOf(builder("runs", 8).fit(refit).measurements(measurements)))
                .isLessThan(byItself / 2);
    }

    @Test
    void belongToOneModelAndCalibration() {
        builder("last", 8).measurements(measurements).build().apply(stack);

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder("last", 8).measurements(measurements).build().apply(ToyStack.ofLayers(LAYERS)))
                .withMessage("the measurements are of another model: each model and calibration needs its own");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder("last", 8)
                        .calibration(calibration())
                        .measurements(measurements)
                        .build()
                        .apply(stack))
                .withMessage("the measurements are of another calibration: each model and calibration needs its own");
    }
}
