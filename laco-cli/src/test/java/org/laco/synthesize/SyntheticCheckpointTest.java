package org.laco.synthesize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.HfCheckpoint;
import org.laco.stack.Calibration;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SyntheticCheckpointTest {
    private static final long SHARD = 5_000_000_000L;
    private static final KnownShape TINY = KnownShape.named("tiny");

    @TempDir
    Path directory;

    private Path write(String name, DataType type, long seed) throws IOException {
        Path target = directory.resolve(name);
        new SyntheticCheckpoint(TINY, type, seed, SHARD).write(target);
        return target;
    }

    @Test
    void isAModelThatCollapses() throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(write("model", DataType.BFLOAT16, 0))) {
            CollapseResult result = LayerCollapse.builder()
                    .threshold(-1)
                    .calibration(Calibration.ofTokens(new int[] {1, 5, 300, 7}))
                    .build()
                    .apply(checkpoint.model());
            assertThat(result.layersRemoved()).isPositive();
            assertThat(result.similarity()).isBetween(-1.0, 1.0);
        }
    }

    @Test
    void hasTheSameBytesForTheSameSeedOnly() throws IOException {
        byte[] first = Files.readAllBytes(write("a", DataType.BFLOAT16, 7).resolve("model.safetensors"));
        byte[] again = Files.readAllBytes(write("b", DataType.BFLOAT16, 7).resolve("model.safetensors"));
        byte[] other = Files.readAllBytes(write("c", DataType.BFLOAT16, 8).resolve("model.safetensors"));
        assertThat(again).isEqualTo(first);
        assertThat(other).hasSameSizeAs(first).isNotEqualTo(first);
    }

    @Test
    void hasTheSameValuesInBothTypes() throws IOException {
        try (HfCheckpoint half = HfCheckpoint.open(write("half", DataType.BFLOAT16, 0));
                HfCheckpoint full = HfCheckpoint.open(write("full", DataType.FLOAT, 0))) {
            for (String name : half.weights().names()) {
                try (INDArray one = half.weights().tensor(name).load();
                        INDArray other = full.weights().tensor(name).load()) {
                    assertThat(one).as(name).isEqualTo(other);
                }
            }
        }
    }

    @Test
    void hasNormalWeightsThatDifferFromTensorToTensor() throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(write("model", DataType.BFLOAT16, 0));
                INDArray gate = checkpoint
                        .weights()
                        .tensor("model.layers.3.mlp.gate_proj.weight")
                        .load();
                INDArray up = checkpoint
                        .weights()
                        .tensor("model.layers.3.mlp.up_proj.weight")
                        .load();
                INDArray norm = checkpoint.weights().tensor("model.norm.weight").load()) {
            // Of 11,264 values the mean's own deviation is 0.0002, the deviation's 0.00013: five of each are allowed.
            assertThat(gate.meanNumber().doubleValue()).isCloseTo(0, within(0.001));
            assertThat(gate.stdNumber().doubleValue()).isCloseTo(0.02, within(0.00065));
            assertThat(gate).isNotEqualTo(up);
            assertThat(norm.minNumber().doubleValue()).isEqualTo(1);
            assertThat(norm.maxNumber().doubleValue()).isEqualTo(1);
        }
    }

    @Test
    void readsAnyRowsWithoutThoseBefore() throws IOException {
        // Rows of three elements, so that most don't begin where four values begin.
        RandomValues random = new RandomValues();
        StoredTensor tensor = new SyntheticTensor(
                "weight", DataType.FLOAT, new long[] {5, 3}, (from, to, count) -> random.copy(1, from, to, count));
        try (INDArray all = tensor.load();
                INDArray last = Nd4j.create(DataType.FLOAT, 2, 3)) {
            tensor.copyRows(3, last);
            assertThat(last.getRow(0)).isEqualTo(all.getRow(3));
            assertThat(last.getRow(1)).isEqualTo(all.getRow(4));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tensor.copyRows(4, last))
                    .withMessage("tensor weight of shape [5, 3] has no rows from 4 that fill an array of shape [2, 3]");
        }
    }

    @ParameterizedTest
    // Published counts; Hugging Face's pages of these models show the same.
    @CsvSource({"llama-2-7b, 6738415616", "llama-2-13b, 13015864320", "smollm2-135m, 134515008"})
    void hasAsManyParametersAsTheModelItIsLike(String name, long parameters) {
        assertThat(new SyntheticCheckpoint(KnownShape.named(name), DataType.BFLOAT16, 0, SHARD)
                        .tensors().stream().mapToLong(StoredTensor::length).sum())
                .isEqualTo(parameters);
    }

    @Test
    void dividesItselfAmongFiles() throws IOException {
        Path target = directory.resolve("model");
        new SyntheticCheckpoint(TINY.withLayers(2), DataType.BFLOAT16, 0, 100_000).write(target);
        assertThat(target.resolve("model.safetensors.index.json")).exists();
        try (HfCheckpoint checkpoint = HfCheckpoint.open(target)) {
            assertThat(checkpoint.model().layerCount()).isEqualTo(2);
        }
    }

    @Test
    void leavesWhatExistsAlone() throws IOException {
        Path target = Files.createDirectory(directory.resolve("model"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new SyntheticCheckpoint(TINY, DataType.FLOAT, 0, SHARD).write(target))
                .withMessage(target + " exists already and is not overwritten");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void leavesNothingBehindIfInterrupted() throws IOException {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> write("model", DataType.FLOAT, 0));
        Thread.interrupted();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
