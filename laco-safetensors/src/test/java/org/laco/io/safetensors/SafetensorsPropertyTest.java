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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsPropertyTest {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String NAME_CHARACTERS = LETTERS + "0123456789._/ \"\\\n\té日";

    @TempDir
    private Path directory;

    @RepeatedTest(value = 200, failureThreshold = 1)
    void whatIsWrittenIsReadBack(RepetitionInfo repetition) throws IOException {
        int seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        List<InMemoryTensor> tensors = tensors(random);
        Map<String, String> metadata = texts(random);
        long maxShardBytes = random.nextInt(20) == 0 ? 1 : random.nextLong(1, 401);
        ShardLayout layout = ShardLayout.of(tensors, maxShardBytes, metadata);
        List<WrittenFile> written = SafetensorsWriter.write(layout, directory);
        assertThat(written.stream().mapToLong(WrittenFile::bytes).sum())
                .as("seed %s", seed)
                .isEqualTo(layout.totalBytes());
        try (SafetensorsDirectory opened = SafetensorsDirectory.open(directory)) {
            assertThat(opened.metadata()).as("seed %s", seed).isEqualTo(metadata);
            assertThat(opened.names())
                    .as("seed %s", seed)
                    .containsExactlyInAnyOrderElementsOf(
                            tensors.stream().map(InMemoryTensor::name).toList());
            for (InMemoryTensor tensor : tensors) {
                MappedTensor read = opened.tensor(tensor.name());
                String which = "seed " + seed + ", tensor " + tensor.name();
                assertThat(read.dtype()).as(which).isEqualTo(tensor.dtype());
                assertThat(read.shape()).as(which).isEqualTo(tensor.shape());
                assertThat(bytes(read)).as(which).isEqualTo(tensor.bytes());
                readAll(read);
            }
        }
    }

    @RepeatedTest(value = 3000, failureThreshold = 1)
    void aDamagedFileIsReadOrRefusedInOneSentence(RepetitionInfo repetition) throws IOException {
        int seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        Damage damage = Damage.values()[seed % Damage.values().length];
        Path file = directory.resolve("model.safetensors");
        Files.write(file, damage.apply(encode(tensors(random)), new Random(random.nextLong())));
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            for (MappedTensor tensor : opened.tensors()) {
                assertThat(bytes(tensor)).as("%s, seed %s", damage, seed).hasSize((int) tensor.byteLength());
                readAll(tensor);
            }
        } catch (SafetensorsException e) {
            assertThat(e.getMessage())
                    .as("%s, seed %s", damage, seed)
                    .startsWith(file + ": ")
                    .hasSizeLessThan(1000);
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

    /** Up to six tensors of different names, of any type and up to four small dimensions, 0 among them. */
    private static List<InMemoryTensor> tensors(SplittableRandom random) {
        Map<String, InMemoryTensor> tensors = new LinkedHashMap<>();
        for (int count = random.nextInt(7); count > 0; count--) {
            InMemoryTensor tensor = tensor(random);
            tensors.putIfAbsent(tensor.name(), tensor);
        }
        return new ArrayList<>(tensors.values());
    }

    private static InMemoryTensor tensor(SplittableRandom random) {
        String name = text(random, NAME_CHARACTERS, random.nextInt(1, 13));
        Dtype dtype = Dtype.values()[random.nextInt(Dtype.values().length)];
        List<Integer> dimensions = new ArrayList<>();
        for (int count = random.nextInt(5); count > 0; count--) {
            dimensions.add(random.nextInt(6));
        }
        if (dtype.bits() % 8 != 0) {
            dimensions.add(4);
        }
        long[] shape = dimensions.stream().mapToLong(Integer::longValue).toArray();
        byte[] bytes = new byte[(int) (Arrays.stream(shape).reduce(1, (a, b) -> a * b) * dtype.bits() / 8)];
        random.nextBytes(bytes);
        return InMemoryTensor.of(name, dtype, bytes, shape);
    }

    private static Map<String, String> texts(SplittableRandom random) {
        StringBuilder characters = new StringBuilder("é日");
        for (char ascii = 0; ascii < 128; ascii++) {
            characters.append(ascii);
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (int count = random.nextInt(4); count > 0; count--) {
            texts.put(
                    text(random, characters.toString(), random.nextInt(11)),
                    text(random, characters.toString(), random.nextInt(11)));
        }
        return texts;
    }

    private static String text(SplittableRandom random, String characters, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(characters.charAt(random.nextInt(characters.length())));
        }
        return text.toString();
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
        Tensor loaded = tensor.load();
        assertThat(loaded.shape()).isEqualTo(tensor.shape());
        assertThat((long) loaded.byteLength()).isEqualTo(tensor.byteLength());
    }
}
