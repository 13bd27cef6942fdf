package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.Screening;
import org.laco.io.CalibrationFile;
import org.laco.io.HfCheckpoint;
import org.laco.search.CollapseStep;
import org.laco.stack.Calibration;
import org.laco.tensor.Precision;

/** Candidates of a real model that are looked at in bfloat16 first. */
class ScreenedCandidatesTest {
    @TempDir
    private Path directory;

    private EmbeddedModel embedded;

    @BeforeEach
    void extractTheEmbeddedModel() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
    }

    @Test
    void areDecidedAsInFloat32() throws IOException {
        LayerCollapse.Builder search = LayerCollapse.builder().threshold(0.8);
        CollapseResult exact = collapse(search);
        CollapseResult screened = collapse(search.screening(Screening.bfloat16()));

        assertThat(exact.settings().parameters()).doesNotContainKeys("screen", "screenMargin");
        assertThat(screened.settings().parameters())
                .containsEntry("screen", "bfloat16")
                .containsEntry("screenMargin", 0.01);
        assertThat(screened.plan()).isEqualTo(exact.plan());
        assertThat(screened.similarity()).isEqualTo(exact.similarity());
        assertThat(screened.steps()).hasSameSizeAs(exact.steps());
        for (int i = 0; i < exact.steps().size(); i++) {
            CollapseStep one = exact.steps().get(i);
            CollapseStep other = screened.steps().get(i);
            assertThat(other.layer()).isEqualTo(one.layer());
            assertThat(other.accepted()).isEqualTo(one.accepted());
            boolean low = other.score().orElseThrow().precision() == Precision.BFLOAT16;
            assertThat(other.accepted() && low).isFalse();
            assertThat(other.score().orElseThrow().value())
                    .isCloseTo(one.score().orElseThrow().value(), within(low ? 0.01 : LocalEvaluator.NOISE));
        }
        assertThat(screened.steps())
                .anySatisfy(step ->
                        assertThat(step.score().orElseThrow().precision()).isEqualTo(Precision.BFLOAT16));
    }

    private CollapseResult collapse(LayerCollapse.Builder search) throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(embedded.model())) {
            Calibration calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
            return search.calibration(calibration).build().apply(checkpoint.model());
        }
    }
}
