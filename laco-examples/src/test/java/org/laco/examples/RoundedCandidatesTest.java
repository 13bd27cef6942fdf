package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.io.CalibrationFile;
import org.laco.io.HfCheckpoint;
import org.laco.kernel.Kernels;
import org.laco.search.CollapseStep;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

/** Candidates measured in bfloat16 lead to what float32 leads to, since close calls are measured again. */
class RoundedCandidatesTest {
    @TempDir
    private Path directory;

    private EmbeddedModel embedded;

    @BeforeEach
    void extractTheEmbeddedModel() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
    }

    @AfterEach
    void computeAsUsual() {
        System.clearProperty(Kernels.PROPERTY);
    }

    @Test
    void decideAsInFloat32() throws IOException {
        LayerCollapse.Builder search = LayerCollapse.builder().threshold(0.8);

        CollapseResult exact = collapse("float32", search);
        CollapseResult rounded = collapse("bfloat16", search);

        assertThat(exact.settings().parameters()).doesNotContainKey("rounding");
        assertThat(rounded.settings().parameters()).containsKey("rounding");
        assertThat(rounded.plan()).isEqualTo(exact.plan());
        assertThat(rounded.similarity()).isCloseTo(exact.similarity(), within(LocalEvaluator.NOISE));
        assertThat(rounded.steps()).hasSameSizeAs(exact.steps());
        for (int i = 0; i < exact.steps().size(); i++) {
            CollapseStep one = exact.steps().get(i);
            CollapseStep other = rounded.steps().get(i);
            assertThat(other.layer()).isEqualTo(one.layer());
            assertThat(other.accepted()).isEqualTo(one.accepted());
            assertThat(other.score().orElseThrow().value())
                    .isCloseTo(one.score().orElseThrow().value(), within(LocalEvaluator.ROUNDING));
        }
    }

    @Test
    void areMeasuredAgainWhereTheThresholdIsCloserThanRounding() throws IOException {
        double similarity = collapse("float32", LayerCollapse.builder().threshold(0.999))
                .steps()
                .get(0)
                .similarity()
                .orElseThrow();

        CollapseResult rounded = collapse("bfloat16", LayerCollapse.builder().threshold(similarity - 2e-5));

        assertThat(rounded.steps().get(0).score().orElseThrow().value())
                .isCloseTo(similarity, within(LocalEvaluator.NOISE));
        assertThat(rounded.steps().get(0).accepted()).isTrue();
    }

    @Test
    void areNotRoundedBySearchesThatDoNotMeasureAgain() throws IOException {
        CollapseResult result = collapse(
                "bfloat16",
                LayerCollapse.builder().search(Searches.named("shortgpt")).targetLayers(8));

        assertThat(result.settings().parameters()).doesNotContainKey("rounding");
    }

    private CollapseResult collapse(String kernels, LayerCollapse.Builder search) throws IOException {
        System.setProperty(Kernels.PROPERTY, kernels);
        try (HfCheckpoint checkpoint = HfCheckpoint.open(embedded.model())) {
            assertThat(checkpoint.model().rounded().isPresent()).isEqualTo(kernels.equals("bfloat16"));
            Calibration calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
            return search.calibration(calibration).build().apply(checkpoint.model());
        }
    }
}
