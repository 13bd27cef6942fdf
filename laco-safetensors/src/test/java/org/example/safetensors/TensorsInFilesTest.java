package org.example.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.LoadedTensors;
import org.laco.io.safetensors.MappedTensor;
import org.laco.io.safetensors.Safetensors;
import org.laco.io.safetensors.SafetensorsDirectory;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.laco.io.safetensors.Tensor;
import org.laco.io.safetensors.WritableTensor;

/** What the page on safetensors shows of this module alone. */
class TensorsInFilesTest {
    @TempDir
    Path directory;

    private static long writeAndRead(Path file) throws IOException {
        Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor half = Tensor.bfloat16(new float[] {0.1f, 0.2f}, 2);
        Tensor step = Tensor.of(new long[] {9_007_199_254_740_993L});
        Safetensors.write(Map.of("weight", weight, "half", half, "step", step), Map.of("format", "pt"), file);

        LoadedTensors state = Safetensors.read(file);
        System.out.println(state.metadata() + " " + state.tensors().keySet());
        float[] halves = state.tensor("half").toFloats(); // bfloat16 as float32
        FloatBuffer weights = state.tensor("weight").asFloatBuffer();
        System.out.println(halves[0] + " " + weights.get(5));
        return state.tensor("step").toLongs()[0]; // to the last digit
    }

    @Test
    void keepsTheDigitsOfALong() throws IOException {
        assertThat(writeAndRead(directory.resolve("state.safetensors"))).isEqualTo(9_007_199_254_740_993L);
    }

    private static float[] readAPart(Path file) throws IOException {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            MappedTensor weight = opened.tensor("weight");
            System.out.println(weight.dtype() + " " + weight.length());
            ByteBuffer row = weight.bytes(100, 1); // the stored bytes of row 100, in place
            System.out.println(row.remaining());
            Tensor block = weight.slice(new long[] {100, 40}, new long[] {16, 8}); // rows 100 to 115, columns 40 to 47
            return block.toFloats();
        }
    }

    @Test
    void readsABlockOfAMatrix() throws IOException {
        float[] values = new float[200 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path file = directory.resolve("matrix.safetensors");
        Safetensors.write(Map.of("weight", Tensor.of(values, 200, 64)), file);

        float[] block = readAPart(file);

        assertThat(block).hasSize(16 * 8).startsWith(100 * 64 + 40).endsWith(115 * 64 + 47);
    }

    private static int throughBytes(Map<String, Tensor> tensors) throws IOException {
        byte[] bytes = Safetensors.toBytes(tensors, Map.of());
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        Safetensors.write(tensors, Map.of(), stream);
        LoadedTensors one = Safetensors.read(bytes);
        LoadedTensors other = Safetensors.read(stream.toByteArray());
        return one.tensors().size() + other.tensors().size();
    }

    @Test
    void readsAllTensorsFromBytesAndStreams() throws IOException {
        assertThat(throughBytes(Map.of("a", Tensor.of(new int[2], 2), "b", Tensor.of(new byte[3], 3))))
                .isEqualTo(4);
    }

    private static void splitIntoShards(Path model, Path target) throws IOException {
        try (SafetensorsDirectory weights = SafetensorsDirectory.open(model)) {
            ShardLayout layout = ShardLayout.of(weights.tensors(), 2_000_000_000L, weights.metadata());
            SafetensorsWriter.write(layout, target); // from file to file, and an index if there are several
        }
    }

    @Test
    void writesShardsFromFileToFile() throws IOException {
        Safetensors.write(Map.of("a", Tensor.of(new int[] {1, 2}, 2)), directory.resolve("model.safetensors"));
        Path target = Files.createDirectory(directory.resolve("shards"));

        splitIntoShards(directory, target);

        assertThat(Safetensors.read(target.resolve("model.safetensors"))
                        .tensor("a")
                        .toLongs())
                .containsExactly(1, 2);
    }

    /** The numbers from 0 on, of which no more than a few are in memory. */
    record Counting(String name, long length) implements WritableTensor {
        @Override
        public Dtype dtype() {
            return Dtype.I64;
        }

        @Override
        public long[] shape() {
            return new long[] {length};
        }

        @Override
        public long byteLength() {
            return length * Long.BYTES;
        }

        @Override
        public void writeTo(WritableByteChannel channel) throws IOException {
            for (long i = 0; i < length; i++) {
                channel.write(ByteBuffer.allocate(Long.BYTES)
                        .putLong(Long.reverseBytes(i))
                        .flip());
            }
        }
    }

    @Test
    void writesWhatIsComputedMeanwhile() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Counting("n", 3).writeTo(Channels.newChannel(out));
        assertThat(out.size()).isEqualTo(24);

        Path file = directory.resolve("counting");
        Safetensors.write(List.of(new Counting("n", 1000)), Map.of(), file);

        assertThat(Safetensors.read(file).tensor("n").toLongs()).hasSize(1000).endsWith(999);
    }
}
