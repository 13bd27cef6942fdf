package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.array.FileTensors;
import org.laco.io.safetensors.TestFiles;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

class DecodedTensorsTest {
    @TempDir
    Path directory;

    private final List<String> entries = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    @Test
    void multipliesBlocksByTheirScalesOfWhichTheLastMayBePartial() throws IOException {
        // 1, 2, -0.5 / 448, 0, 2^-9: blocks of two columns, rows share the first scales.
        add("w.weight", "F8_E4M3", "[2,3]", 0x38, 0x40, 0xb0, 0x7e, 0x00, 0x01);
        add("w.weight_scale_inv", "F32", "[1,2]", floats(2, 10));
        try (DecodedTensors tensors = open(Map.of("quant_method", "fp8", "weight_block_size", List.of(2, 2)))) {
            assertThat(tensors.names()).containsExactly("w.weight");
            assertThat(values(tensors.tensor("w.weight"))).containsExactly(2, 4, -5, 896, 0, 10f / 512);
        }
    }

    @Test
    void multipliesAllByOneScaleAndLeavesThatOfActivationsOut() throws IOException {
        add("w.weight", "F8_E4M3", "[1,2]", 0x38, 0xb8);
        add("w.weight_scale_inv", "F32", "[]", floats(3));
        add("w.activation_scale", "F32", "[]", floats(7));
        try (DecodedTensors tensors = open(Map.of("quant_method", "fp8"))) {
            assertThat(tensors.names()).containsExactly("w.weight");
            assertThat(values(tensors.tensor("w.weight"))).containsExactly(3, -3);
        }
    }

    @Test
    void readsScalesThatArePowersOfTwo() throws IOException {
        add("w.weight", "F8_E5M2", "[2,1]", 0x3c, 0x3e);
        add("w.weight_scale_inv", "F8_E8M0", "[2,1]", 128, 126);
        try (DecodedTensors tensors = open(Map.of("quant_method", "fp8", "weight_block_size", List.of(1, 1)))) {
            assertThat(values(tensors.tensor("w.weight"))).containsExactly(2, 0.75f);
        }
    }

    @Test
    void readsPackedExpertsTheOtherWayRound() throws IOException {
        int[] blocks = new int[2 * 16];
        blocks[0] = 0x21; // 0.5, then 1
        blocks[16] = 0xf7; // 6, then -6
        add("experts.down_proj_blocks", "U8", "[1,2,1,16]", blocks);
        add("experts.down_proj_scales", "U8", "[1,2,1]", 127, 128);
        try (DecodedTensors tensors = open(Map.of("quant_method", "mxfp4"))) {
            StoredTensor decoded = tensors.tensor("experts.down_proj");
            assertThat(decoded.shape()).containsExactly(1, 32, 2);
            assertThat(Arrays.copyOf(values(decoded), 5)).containsExactly(0.5f, 12, 1, -12, 0);
        }
    }

    @Test
    void roundsOnceWhereItWrites() throws IOException {
        add("w.weight", "F8_E4M3", "[1,2]", 0x38, 0x38);
        add("w.weight_scale", "F32", "[1,2]", floats(1.00390625f, 1.01171875f));
        Map<String, Object> groups = Map.of(
                "a", Map.of("weights", Map.of("type", "float", "num_bits", 8, "strategy", "group", "group_size", 1)));
        try (DecodedTensors tensors = open(
                Map.of("quant_method", "compressed-tensors", "format", "float-quantized", "config_groups", groups))) {
            StoredTensor decoded = tensors.tensor("w.weight");
            assertThat(values(decoded)).containsExactly(1.00390625f, 1.01171875f);
            assertThat(values(decoded.asWritten())).containsExactly(1, 1.015625f);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            decoded.writeTo(Channels.newChannel(written));
            assertThat(written.toByteArray()).containsExactly(0x80, 0x3f, 0x82, 0x3f);
        }
    }

    @Test
    void refusesAWeightWithoutScales() throws IOException {
        add("w.weight", "F8_E4M3", "[1,2]", 0, 0);
        assertThatThrownBy(() -> open(Map.of("quant_method", "fp8")))
                .hasMessage("tensor w.weight is stored as F8_E4M3, but its scales, w.weight_scale_inv, are missing");
    }

    @Test
    void refusesScalesThatFitNothing() throws IOException {
        add("w.weight", "F8_E4M3", "[2,2]", 0, 0, 0, 0);
        add("w.weight_scale_inv", "F32", "[1,2]", floats(1, 1));
        assertThatThrownBy(() -> open(Map.of("quant_method", "fp8", "weight_block_size", List.of(2, 2))))
                .hasMessage("tensor w.weight_scale_inv has shape [1, 2], which doesn't fit w.weight of shape [2, 2]:"
                        + " expected one scale, one a row or one for each block of 2 × 2");
    }

    @Test
    void leavesWhatItCannotDecodeToBeRefused() {
        assertThat(quantisation(Map.of("quant_method", "gptq", "bits", 4))).isEmpty();
        assertThat(quantisation(Map.of(
                        "quant_method", "compressed-tensors", "format", "pack-quantized", "config_groups", Map.of())))
                .isEmpty();
    }

    private static Optional<Quantisation> quantisation(Map<String, Object> method) {
        return Quantisation.of(ModelConfig.of(Map.of("quantization_config", method)));
    }

    private void add(String name, String dtype, String shape, int... bytes) {
        int begin = data.size();
        for (int b : bytes) {
            data.write(b);
        }
        entries.add(String.format(
                "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
                name, dtype, shape, begin, data.size()));
    }

    private static int[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return each(bytes);
    }

    private static int[] each(ByteBuffer bytes) {
        int[] each = new int[bytes.capacity()];
        for (int i = 0; i < each.length; i++) {
            each[i] = bytes.get(i) & 0xff;
        }
        return each;
    }

    private DecodedTensors open(Map<String, Object> method) throws IOException {
        TestFiles.write(
                directory.resolve("model.safetensors"),
                "{" + String.join(",", entries) + "}",
                each(ByteBuffer.wrap(data.toByteArray())));
        FileTensors stored = FileTensors.open(directory);
        try {
            return DecodedTensors.of(stored, quantisation(method).orElseThrow());
        } catch (IllegalArgumentException e) {
            stored.close();
            throw e;
        }
    }

    private static float[] values(StoredTensor tensor) {
        try (INDArray loaded = tensor.load()) {
            return loaded.reshape(loaded.length()).toFloatVector();
        }
    }
}
