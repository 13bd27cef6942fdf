package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.evaluate.MemoryNeed;
import org.laco.io.CalibrationFile;
import org.laco.io.HfCheckpoint;
import org.laco.kernel.Kernels;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;

/** What a layer's weights, stored in bfloat16, take of the memory while the layer is computed. */
class LoadedWeightsTest {
    @TempDir
    private Path directory;

    private EmbeddedModel embedded;
    private HfCheckpoint checkpoint;
    private CausalModel model;

    @BeforeEach
    void open() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
        checkpoint = HfCheckpoint.open(embedded.model());
        model = checkpoint.model();
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private long elements(boolean linear) {
        return model.tensors(0).values().stream()
                .filter(tensor -> (tensor.role() == TensorRole.LINEAR) == linear)
                .mapToLong(tensor -> tensor.tensor().length())
                .sum();
    }

    @Test
    void areAllConvertedByAnArithmeticOfFloat32() {
        CausalModel converting = model.with(Kernels.ofNd4j());

        long all = 4 * (elements(true) + elements(false));
        assertThat(converting.loadedBytes(0, false)).isEqualTo(all);
        assertThat(converting.loadedBytes(0, true)).isEqualTo(all);
    }

    @Test
    void takeNoMemoryWhereTheyAreMultipliedInPlace() throws IOException {
        assumeThat(Kernels.ofBackend().weightType(DataType.BFLOAT16))
                .as("a processor for which oneDNN multiplies bfloat16 weights as they are stored")
                .isEqualTo(DataType.BFLOAT16);
        CausalModel inPlace = model.with(Kernels.ofBackend());

        assertThat(inPlace.loadedBytes(0, false)).isEqualTo(4 * elements(false));
        assertThat(inPlace.loadedBytes(0, true)).isEqualTo(2 * elements(true) + 4 * elements(false));
        Calibration calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
        assertThat(MemoryNeed.of(model.with(Kernels.ofNd4j()), calibration, MergeRules.telescoped())
                                .least()
                        - MemoryNeed.of(inPlace, calibration, MergeRules.telescoped())
                                .least())
                .isEqualTo(4 * elements(true));
    }
}
