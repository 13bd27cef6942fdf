package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.CollapseRecord;
import org.laco.io.HfCheckpoint;
import org.laco.measure.Perplexity;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.tensor.TensorArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

class ExamplesTest {
    @TempDir
    static Path directory;

    private static EmbeddedModel embedded;

    @BeforeAll
    static void extract() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
    }

    @Test
    void collapsesACheckpointAndReplaysItsPlan() throws IOException {
        Path collapsed = directory.resolve("collapsed");
        CollapsePlan plan = CollapseACheckpoint.collapse(embedded.model(), embedded.calibration(), collapsed);
        // As in the README of the embedded model: four layers go.
        assertThat(plan.size()).isEqualTo(8);
        Path replayed = directory.resolve("replayed");
        ReplayAPlan.replay(embedded.model(), collapsed.resolve(CollapseRecord.FILE_NAME), replayed);
        assertThat(MoreFiles.asByteSource(replayed.resolve("model.safetensors"))
                        .contentEquals(MoreFiles.asByteSource(collapsed.resolve("model.safetensors"))))
                .isTrue();
        try (HfCheckpoint checkpoint = HfCheckpoint.open(replayed)) {
            assertThat(checkpoint.model().layerCount()).isEqualTo(8);
        }
    }

    @Test
    void collapsesOnSpark() throws IOException {
        SparkContext spark = new SparkContext(new SparkConf()
                .setMaster("local[*]")
                .setAppName("laco")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false"));
        try {
            CollapsePlan plan = CollapseOnSpark.collapse(
                    spark, embedded.model(), embedded.calibration(), 9, directory.resolve("on-spark"));

            assertThat(plan.size()).isEqualTo(9);
            try (HfCheckpoint checkpoint = HfCheckpoint.open(embedded.model())) {
                assertThat(LayerCollapse.builder()
                                .targetLayers(9)
                                .calibration(CalibrationFile.read(embedded.calibration(), checkpoint))
                                .build()
                                .apply(checkpoint.model())
                                .plan())
                        .isEqualTo(plan);
            }
        } finally {
            spark.stop();
        }
    }

    @Test
    void mergesTwoLayersByHand() throws IOException {
        double rear = MergeTwoLayersByHand.merge(embedded.model(), 9);
        double front = MergeTwoLayersByHand.merge(embedded.model(), 0);
        assertThat(rear).isBetween(0.5, 1.0);
        assertThat(front).isLessThan(rear);
    }

    @Test
    void collapsesAModelInMemoryAndGivesItsWeightsBack() throws IOException {
        Path out = directory.resolve("from-memory");
        Map<String, INDArray> collapsed;
        try (HfCheckpoint checkpoint = HfCheckpoint.open(embedded.model())) {
            Map<String, INDArray> arrays = TensorArrays.of(checkpoint.weights()).load();
            collapsed = CollapseAModelInMemory.collapse(
                    checkpoint.config(), arrays, Calibration.ofTokens(new int[] {1, 2, 3}), out);
            arrays.values().forEach(INDArray::close);
        }
        try (HfCheckpoint written = HfCheckpoint.open(out)) {
            assertThat(written.model().layerCount()).isEqualTo(11);
            assertThat(collapsed).isEqualTo(TensorArrays.of(written.weights()).load());
        }
        collapsed.values().forEach(INDArray::close);
    }

    @Test
    void measuresAModelInWindows() throws IOException {
        Path text = directory.resolve("text.txt");
        Files.writeString(
                text, String.join("\n", Files.readAllLines(embedded.heldOut()).subList(0, 60)));
        Perplexity measured = MeasureAModel.measure(embedded.model(), text);
        assertThat(measured.tokens()).isEqualTo(measured.tokens() / 511 * 511).isPositive();
        assertThat(measured.perplexity()).isCloseTo(Math.exp(measured.meanNegativeLogLikelihood()), within(1e-9));
    }
}
