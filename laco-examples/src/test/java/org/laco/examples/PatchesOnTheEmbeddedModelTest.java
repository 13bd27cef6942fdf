package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.GapGain;
import org.laco.fit.Patch;
import org.laco.fit.PatchedStack;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.HfCheckpoint;
import org.laco.io.PlanJson;
import org.laco.io.WrittenCheckpoint;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Numbers are those of model/patches.py, which has the formulas of LinearPatch and Ghosted Layers in float64. */
class PatchesOnTheEmbeddedModelTest {
    @TempDir
    private Path directory;

    private HfCheckpoint checkpoint;
    private Calibration calibration;

    @BeforeEach
    void open() throws Exception {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        checkpoint = HfCheckpoint.open(embedded.model());
        calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    @ParameterizedTest
    @CsvSource({
        "8, 4, 0.93131225, 0.03295395",
        "9, 6, 0.95684238, 0.00739197",
        "10, 7, 0.97516146, 0.00405595",
    })
    void streamlineDropsTheSpanOfTheHighestMeanCosine(int layers, int start, double similarity, double divergence) {
        CollapseResult result = LayerCollapse.builder()
                .calibration(calibration)
                .search(Searches.named("streamline"))
                .targetLayers(layers)
                .build()
                .apply(checkpoint.model());

        assertThat(result.plan().layers().get(start - 1).sources())
                .containsExactlyElementsOf(IntStream.rangeClosed(start - 1, start + 11 - layers)
                        .boxed()
                        .toList());
        assertThat(result.similarity()).isCloseTo(similarity, within(1e-5));
        assertThat(-result.evaluation().figures().get("kl.mean")).isCloseTo(divergence, within(1e-5));
    }

    @ParameterizedTest
    @CsvSource({
        "LINEAR_PATCH, 4, 4, 0.91223000, 0.04151588",
        "LINEAR_PATCH, 6, 3, 0.94139819, 0.01361566",
        "LINEAR_PATCH, 7, 2, 0.96916849, 0.00607602",
        "LINEAR_PATCH, 9, 3, 0.83216584, 0.05451767",
        "GHOSTED, 4, 4, 0.95457259, 0.06029290",
        "GHOSTED, 6, 3, 0.96576566, 0.02210368",
        "GHOSTED, 7, 2, 0.98359776, 0.00457064",
        "GHOSTED, 9, 3, 0.87654609, 0.10239765",
    })
    void patchesAsTheFormulasSay(Patch patch, int start, int dropped, double similarity, double divergence) {
        try (PatchedStack patched = patched(patch, start, dropped);
                INDArray reference = FinalHiddenStates.of(checkpoint.model(), calibration);
                INDArray output = FinalHiddenStates.of(patched, calibration)) {
            assertThat(Metrics.cosine()
                            .score(output, reference, checkpoint.model(), calibration)
                            .value())
                    .isCloseTo(similarity, within(1e-5));
            assertThat(-Metrics.figures(output, reference, checkpoint.model(), calibration)
                            .get("kl.mean"))
                    .isCloseTo(divergence, within(2e-5));
        }
    }

    /** The weights that are divided by the gain are rounded to bfloat16. A gap below the final norm alone changes nothing. */
    @ParameterizedTest
    @CsvSource({
        "4, 4, 0.91291792, 0.04208353",
        "6, 3, 0.94316161, 0.01256913",
        "9, 3, 0.83309111, 0.05028861",
    })
    void writesWhatOfLinearPatchCanBeFolded(int start, int dropped, double similarity, double divergence)
            throws Exception {
        CollapsePlan plan = CollapsePlan.identity(12).merge(start - 1, dropped, MergeRules.keepFirst());
        CollapseResult found = CollapseResult.of(checkpoint.model(), plan, calibration);
        CollapseResult scaled = found.with(GapGain.fold(checkpoint.model(), plan, calibration));
        WrittenCheckpoint written =
                CheckpointWriter.builder().build().write(checkpoint, scaled, directory.resolve("out"));

        assertThat(scaled.similarity()).isCloseTo(similarity, within(3e-4));
        assertThat(-scaled.evaluation().figures().get("kl.mean")).isCloseTo(divergence, within(3e-4));
        assertThat(written.verified().value()).isCloseTo(scaled.similarity(), within(1e-6));
        assertThat(new PlanJson().read(directory.resolve("out/laco.json")).changedLayers())
                .isEqualTo(scaled.plan().changedLayers());
    }

    @Test
    void theMatricesAreThoseOfTheFormulas() {
        double[] scaled = {1.66362407, 0.02759126, 0.00479716, 0.02759126, 1.66362407, 0.00293802};
        double[] solved = {1.44987159, 0.11390856, 0.0399582, -0.06711589, 1.24223601, 0.18120757};
        assertThat(corner(Patch.LINEAR_PATCH)).containsExactly(scaled, within(1e-5));
        assertThat(corner(Patch.GHOSTED)).containsExactly(solved, within(1e-4));
    }

    private double[] corner(Patch patch) {
        try (PatchedStack patched = patched(patch, 4, 4)) {
            return IntStream.range(0, 6)
                    .mapToDouble(i -> patched.matrix(3).getDouble(i / 3, i % 3))
                    .toArray();
        }
    }

    private PatchedStack patched(Patch patch, int start, int dropped) {
        CollapsePlan plan = CollapsePlan.identity(12).merge(start - 1, dropped, MergeRules.keepFirst());
        return PatchedStack.fit(checkpoint.model(), plan, patch, calibration);
    }
}
