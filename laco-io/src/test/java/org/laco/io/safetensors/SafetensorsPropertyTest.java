package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsPropertyTest {
    private Path directory;

    @BeforeProperty
    void createDirectory() throws IOException {
        directory = Files.createTempDirectory("safetensors");
    }

    @AfterProperty
    void deleteDirectory() throws IOException {
        deleteFiles();
        Files.delete(directory);
    }

    private void deleteFiles() throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 200)
    void whatIsWrittenIsReadBack(
            @ForAll("tensors") List<InMemoryTensor> tensors,
            @ForAll("texts") Map<String, String> metadata,
            @ForAll("limits") long maxShardBytes)
            throws IOException {
        deleteFiles();
        ShardLayout layout = ShardLayout.of(tensors, maxShardBytes, metadata);
        List<WrittenFile> written = SafetensorsWriter.write(layout, directory);
        assertThat(written.stream().mapToLong(WrittenFile::bytes).sum()).isEqualTo(layout.totalBytes());
        try (SafetensorsDirectory opened = SafetensorsDirectory.open(directory)) {
            assertThat(opened.metadata()).isEqualTo(metadata);
            assertThat(opened.names())
                    .containsExactlyInAnyOrderElementsOf(
                            tensors.stream().map(InMemoryTensor::name).toList());
            for (InMemoryTensor tensor : tensors) {
                MappedTensor read = opened.tensor(tensor.name());
                assertThat(read.storedType()).isEqualTo(tensor.storedType());
                assertThat(read.shape()).isEqualTo(tensor.shape());
                assertThat(bytes(read)).isEqualTo(tensor.bytes());
                readAll(read);
            }
        }
    }

    @Property(tries = 3000)
    void aDamagedFileIsReadOrRefusedInOneSentence(
            @ForAll("tensors") List<InMemoryTensor> tensors, @ForAll long seed, @ForAll Damage damage)
            throws IOException {
        Path file = directory.resolve("model.safetensors");
        Files.write(file, damage.apply(encode(tensors), new Random(seed)));
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            for (MappedTensor tensor : opened.tensors()) {
                assertThat(bytes(tensor)).hasSize((int) tensor.byteLength());
                readAll(tensor);
            }
        } catch (SafetensorsException e) {
            assertThat(e.getMessage()).startsWith(file + ": ").hasSizeLessThan(1000);
        }
    }

    /** A way to damage a file. */
    enum Damage {
        BITS_FLIPPED {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return bytes;
            }
        },
        HEADER_BYTES_REPLACED {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                byte[] likely = "{}[]\",:0123456789-.eEnulA \\".getBytes(StandardCharsets.US_ASCII);
                int end = 8 + headerLength(bytes);
                for (int i = 0; i <= random.nextInt(3); i++) {
                    bytes[8 + random.nextInt(end - 8)] = likely[random.nextInt(likely.length)];
                }
                return bytes;
            }
        },
        LENGTH_REPLACED {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                bytes[random.nextInt(8)] = (byte) random.nextInt();
                return bytes;
            }
        },
        END_CUT {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
        },
        END_EXTENDED {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20));
            }
        },
        HEADER_PART_REPEATED {
            @Override
            byte[] apply(byte[] bytes, Random random) {
                String header = new String(bytes, 8, headerLength(bytes), StandardCharsets.UTF_8);
                int from = random.nextInt(header.length());
                int to = from + random.nextInt(header.length() - from);
                String longer = header.substring(0, to) + header.substring(from);
                byte[] data = Arrays.copyOfRange(bytes, 8 + headerLength(bytes), bytes.length);
                ByteArrayOutputStream damaged = new ByteArrayOutputStream();
                damaged.writeBytes(RawFile.of(longer));
                damaged.writeBytes(data);
                return damaged.toByteArray();
            }
        };

        abstract byte[] apply(byte[] bytes, Random random);

        static int headerLength(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        }
    }

    @Provide
    Arbitrary<List<InMemoryTensor>> tensors() {
        Arbitrary<String> names = Arbitraries.strings()
                .alpha()
                .numeric()
                .withChars("._/ \"\\\n\té日")
                .ofMinLength(1)
                .ofMaxLength(12);
        Arbitrary<List<Integer>> shapes =
                Arbitraries.integers().between(0, 5).list().ofMaxSize(4);
        return Combinators.combine(names, Arbitraries.of(Dtype.class), shapes, Arbitraries.longs())
                .as(SafetensorsPropertyTest::tensor)
                .list()
                .uniqueElements(InMemoryTensor::name)
                .ofMaxSize(6);
    }

    private static InMemoryTensor tensor(String name, Dtype dtype, List<Integer> dimensions, long seed) {
        List<Integer> whole = new ArrayList<>(dimensions);
        if (dtype.bits() % 8 != 0) {
            whole.add(4);
        }
        long[] shape = whole.stream().mapToLong(Integer::longValue).toArray();
        byte[] bytes = new byte[(int) (Arrays.stream(shape).reduce(1, (a, b) -> a * b) * dtype.bits() / 8)];
        new Random(seed).nextBytes(bytes);
        return InMemoryTensor.of(name, dtype, bytes, shape);
    }

    @Provide
    Arbitrary<Map<String, String>> texts() {
        Arbitrary<String> text = Arbitraries.strings().ascii().withChars("é日").ofMaxLength(10);
        return Arbitraries.maps(text, text).ofMaxSize(3);
    }

    @Provide
    Arbitrary<Long> limits() {
        return Arbitraries.longs().between(1, 400);
    }

    private static byte[] encode(List<InMemoryTensor> tensors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new Shard("model.safetensors", tensors, ShardLayout.DEFAULT_METADATA).start());
        tensors.forEach(tensor -> bytes.writeBytes(tensor.bytes()));
        return bytes.toByteArray();
    }

    private static byte[] bytes(MappedTensor tensor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        tensor.writeTo(Channels.newChannel(out));
        return out.toByteArray();
    }

    private static void readAll(MappedTensor tensor) {
        if (tensor.dataType() != DataType.UNKNOWN && tensor.length() > 0) {
            try (INDArray values = Nd4j.createUninitialized(DataType.FLOAT, tensor.length())) {
                tensor.copyTo(values);
            }
        }
    }
}
