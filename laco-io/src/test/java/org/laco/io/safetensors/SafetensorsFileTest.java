package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SafetensorsFileTest {
    @TempDir
    Path directory;

    private SafetensorsFile open(String header, int... data) throws IOException {
        return SafetensorsFile.open(RawFile.write(directory.resolve("a.safetensors"), RawFile.of(header, data)));
    }

    @Test
    void readsBfloat16WrittenByHand() throws IOException {
        int[] data = {0x80, 0x3F, 0xF6, 0xC2, 0x00, 0x00, 0x80, 0x7F, 0x49, 0x40, 0x01, 0x00};
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}", data);
                INDArray values = file.tensor("a").load()) {
            assertThat(values.dataType()).isEqualTo(DataType.FLOAT);
            assertThat(values.shape()).containsExactly(2, 3);
            assertThat(values.data().asFloat())
                    .containsExactly(1.0f, -123.0f, 0.0f, Float.POSITIVE_INFINITY, 3.140625f, 9.1835e-41f);
        }
    }

    @Test
    void readsFloat16WrittenByHand() throws IOException {
        int[] data = {0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0xFC, 0x55, 0x35};
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]}}", data);
                INDArray values = file.tensor("a").load()) {
            assertThat(values.data().asFloat())
                    .containsExactly(1.0f, -2.0f, 0x1p-24f, 65504.0f, Float.NEGATIVE_INFINITY, 0.33325195f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 1, 01, 1",
        "U8, 1, FF, 255",
        "I8, 1, FE, -2",
        "I16, 2, FEFF, -2",
        "U16, 2, FEFF, 65534",
        "F16, 2, 003E, 1.5",
        "BF16, 2, C0BF, -1.5",
        "I32, 4, FEFFFFFF, -2",
        "U32, 4, 000000F0, 4026531840",
        "F32, 4, 0000C0BF, -1.5",
        "F64, 8, 000000000000F8BF, -1.5",
        "I64, 8, FEFFFFFFFFFFFFFF, -2",
        "U64, 8, 0000000000000080, 9223372036854775808",
    })
    void convertsEveryNumericTypeToFloats(Dtype dtype, int size, String hex, double expected) throws IOException {
        int[] data = IntStream.range(0, size)
                .map(i -> Integer.parseInt(hex, 2 * i, 2 * i + 2, 16))
                .toArray();
        String header = "{\"a\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]}}".formatted(dtype, size);
        try (SafetensorsFile file = open(header, data)) {
            MappedTensor tensor = file.tensor("a");
            assertThat(tensor.dtype()).isEqualTo(dtype);
            assertThat(tensor.storedType()).isEqualTo(dtype.name());
            for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
                try (INDArray values = Nd4j.createUninitialized(type, 1)) {
                    tensor.copyTo(values);
                    assertThat(values.getDouble(0)).isEqualTo(expected);
                }
            }
            try (INDArray stored = Nd4j.createUninitialized(tensor.dataType(), 1)) {
                tensor.copyTo(stored);
                ByteBuffer bytes = ByteBuffer.allocate(size);
                tensor.writeTo(Channels.newChannel(new BufferStream(bytes)));
                assertThat(bytes.array()).containsExactly(toBytes(data));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"})
    void passesOnTypesThatNd4jLacksButDoesNotReadThem(Dtype dtype) throws IOException {
        int size = dtype.bits();
        String header = "{\"a\":{\"dtype\":\"%s\",\"shape\":[8],\"data_offsets\":[0,%d]}}".formatted(dtype, size);
        int[] data = IntStream.range(1, size + 1).toArray();
        try (SafetensorsFile file = open(header, data);
                INDArray values = Nd4j.createUninitialized(DataType.FLOAT, 8)) {
            MappedTensor tensor = file.tensor("a");
            assertThat(tensor.dataType()).isEqualTo(DataType.UNKNOWN);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            tensor.writeTo(Channels.newChannel(out));
            assertThat(out.toByteArray()).containsExactly(toBytes(data));
            assertThatThrownBy(() -> tensor.copyTo(values))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "%s: tensor 'a' of dtype %s and shape [8] cannot be read as numbers, its type has no"
                                    + " counterpart in ND4J",
                            file.path(), dtype);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16"})
    void showsHalfPrecisionWhereItLies(Dtype dtype) throws IOException {
        String header = "{\"a\":{\"dtype\":\"%s\",\"shape\":[2,3],\"data_offsets\":[0,12]}}".formatted(dtype);
        try (SafetensorsFile file = open(header, 0, 0x3C, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45, 0, 0x46)) {
            INDArray inPlace = file.tensor("a").inPlace().orElseThrow();

            assertThat(inPlace.dataType()).isEqualTo(dtype.dataType());
            assertThat(inPlace.stride()).containsExactly(3, 1);
            assertThat(inPlace.castTo(DataType.FLOAT))
                    .isEqualTo(file.tensor("a").load());
        }
    }

    @Test
    void showsNoOtherTypeWhereItLies() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        try (SafetensorsFile file = open(header, 0, 0, 0x80, 0x3F)) {
            assertThat(file.tensor("a").inPlace()).isEmpty();
        }
    }

    @Test
    void readsAPieceAtATimeIntoRowsOfALargerArray() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]}}";
        int[] data = new int[32];
        for (int i = 0; i < 8; i++) {
            data[4 * i + 3] = 0x40 + i;
        }
        Path path = RawFile.write(directory.resolve("pieces.safetensors"), RawFile.of(header, data));
        try (SafetensorsFile whole = SafetensorsFile.open(path);
                SafetensorsFile pieces = SafetensorsFile.open(path, 16);
                INDArray expected = whole.tensor("a").load();
                INDArray larger = Nd4j.zeros(DataType.FLOAT, 7, 2)) {
            pieces.tensor("a").copyTo(HostFloats.rows(larger, 2, 6));

            assertThat(HostFloats.rows(larger, 2, 6)).isEqualTo(expected);
            assertThat(larger.getRow(0).sumNumber().floatValue()).isZero();
            assertThat(larger.getRow(6).sumNumber().floatValue()).isZero();
        }
    }

    @Test
    void readsTensorsThatAreNotAlignedToTheirElements() throws IOException {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]},"
                + "\"c\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[9,11]}}";
        try (SafetensorsFile file = open(header, 7, 0, 0, 0xC0, 0xBF, 0, 0, 0x80, 0x3F, 0xF6, 0xC2);
                INDArray b = file.tensor("b").load();
                INDArray c = file.tensor("c").load()) {
            assertThat(b.data().asFloat()).containsExactly(-1.5f, 1.0f);
            assertThat(c.data().asFloat()).containsExactly(-123.0f);
        }
    }

    @Test
    void loadsInTheStoredTypeWhatFloat32WouldRound() throws IOException {
        // 2^53 + 1, and the float64 and BF16 nearest to 0.1: 0x1.999999999999ap-4, 0x1.9ap-4.
        String header = "{\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,1],\"data_offsets\":[16,18]},"
                + "\"e\":{\"dtype\":\"U32\",\"shape\":[2,0],\"data_offsets\":[18,18]}}";
        int[] data = {1, 0, 0, 0, 0, 0, 0x20, 0, 0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F, 0xCD, 0x3D};
        try (SafetensorsFile file = open(header, data);
                INDArray i = file.tensor("i").loadStored();
                INDArray d = file.tensor("d").loadStored();
                INDArray b = file.tensor("b").loadStored();
                INDArray e = file.tensor("e").loadStored()) {
            assertThat(i.dataType()).isEqualTo(DataType.LONG);
            assertThat(i.getLong(0)).isEqualTo(9_007_199_254_740_993L);
            assertThat(d.dataType()).isEqualTo(DataType.DOUBLE);
            assertThat(d.rank()).isZero();
            assertThat(d.getDouble(0)).isEqualTo(0.1);
            assertThat(b.dataType()).isEqualTo(DataType.BFLOAT16);
            assertThat(b.shape()).containsExactly(1, 1);
            assertThat(b.getFloat(0)).isEqualTo(0x1.9ap-4f);
            assertThat(e.dataType()).isEqualTo(DataType.UINT32);
            assertThat(e.shape()).containsExactly(2, 0);
        }
    }

    @Test
    void refusesToLoadATypeThatNd4jLacks() throws IOException {
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1)) {
            assertThatThrownBy(() -> file.tensor("a").loadStored())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'a' of type F8_E4M3 can't be loaded, ND4J has no such type");
        }
    }

    @Test
    void readsRowsIntoAPartOfAnArray() throws IOException {
        int[] data = {1, 2, 3, 4, 5, 6, 7, 8};
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"U8\",\"shape\":[4,2],\"data_offsets\":[0,8]}}", data);
                INDArray values = Nd4j.zeros(DataType.FLOAT, 4, 2)) {
            file.tensor("a").copyRows(1, values.get(NDArrayIndex.interval(2, 4), NDArrayIndex.all()));
            assertThat(values.data().asFloat()).containsExactly(0, 0, 0, 0, 3, 4, 5, 6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,1,2,3]", "[6]", "[6,1]", "[1,6]", "[2,1,3]", "[2,3,1,1]"})
    void readsShapesWithDimensionsOfOne(String shape) throws IOException {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":" + shape + ",\"data_offsets\":[0,6]}}";
        try (SafetensorsFile file = open(header, 1, 2, 3, 4, 5, 6);
                INDArray values = file.tensor("a").load();
                INDArray row = Nd4j.zeros(DataType.FLOAT, 1, 6)) {
            assertThat(Arrays.toString(values.shape()).replace(" ", "")).isEqualTo(shape);
            assertThat(values.data().asFloat()).containsExactly(1, 2, 3, 4, 5, 6);
            file.tensor("a").copyTo(row);
            assertThat(row.data().asFloat()).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void refusesRowsThatTheTensorLacks() throws IOException {
        try (SafetensorsFile file =
                        open("{\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", 1, 2, 3, 4);
                INDArray two = Nd4j.zeros(DataType.FLOAT, 2, 2);
                INDArray wide = Nd4j.zeros(DataType.FLOAT, 1, 3)) {
            MappedTensor tensor = file.tensor("a");
            String name = file.path() + ": tensor 'a' of dtype U8 and shape [2, 2]";
            assertThatThrownBy(() -> tensor.copyRows(1, two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(name + " has no rows from 1 that fill an array of shape [2, 2]");
            assertThatThrownBy(() -> tensor.copyRows(-1, two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(name + " has no rows from -1 that fill an array of shape [2, 2]");
            assertThatThrownBy(() -> tensor.copyRows(Long.MAX_VALUE, two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(name + " has no rows from 9223372036854775807 that fill an array of shape [2, 2]");
            assertThatThrownBy(() -> tensor.copyRows(0, wide))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(name + " has no rows from 0 that fill an array of shape [1, 3]");
        }
    }

    @Test
    void refusesAnArrayThatItCannotFillInOneGo() throws IOException {
        try (SafetensorsFile file =
                        open("{\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", 1, 2, 3, 4);
                INDArray square = Nd4j.zeros(DataType.FLOAT, 2, 2);
                INDArray wide = Nd4j.zeros(DataType.FLOAT, 2, 4);
                INDArray halves = Nd4j.zeros(DataType.HALF, 2, 2)) {
            MappedTensor tensor = file.tensor("a");
            String name = file.path() + ": tensor 'a' of dtype U8 and shape [2, 2]";
            for (INDArray array :
                    List.of(square.transpose(), wide.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3)))) {
                assertThatThrownBy(() -> tensor.copyTo(array))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(name + " cannot be read into an array that isn't dense in 'c' order");
            }
            assertThatThrownBy(() -> tensor.copyTo(halves))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            name + " cannot be read into an array of type HALF, expected FLOAT, DOUBLE or the stored"
                                    + " type, UBYTE");
        }
    }

    @Test
    void readsScalarsAndTensorsOfNoElements() throws IOException {
        String header = "{\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[0,0]},"
                + "\"f\":{\"dtype\":\"BF16\",\"shape\":[2,0],\"data_offsets\":[4,4]}}";
        try (SafetensorsFile file = open(header, 0, 0, 0xC0, 0xBF)) {
            assertThat(file.names()).containsExactly("e", "s", "f");
            try (INDArray scalar = file.tensor("s").load()) {
                assertThat(scalar.shape()).isEmpty();
                assertThat(scalar.getFloat(0)).isEqualTo(-1.5f);
            }
            assertThat(file.tensor("s").length()).isEqualTo(1);
            assertThat(file.tensor("e").load().shape()).containsExactly(0, 3);
            assertThat(file.tensor("f").load().shape()).containsExactly(2, 0);
            assertThat(file.tensor("f").bytes(0, 2).remaining()).isZero();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            file.tensor("e").writeTo(Channels.newChannel(out));
            assertThat(out.size()).isZero();
        }
    }

    @Test
    void listsTensorsInTheOrderOfTheirData() throws IOException {
        String header = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                + "\"__metadata__\":{\"format\":\"pt\",\"ключ\":\"значение\"},"
                + "\"a\":{\"data_offsets\":[0,1],\"later\":{\"x\":[1]},\"shape\":[1],\"dtype\":\"U8\"}}   ";
        try (SafetensorsFile file = open(header, 1, 2)) {
            assertThat(file.names()).containsExactly("a", "b");
            assertThat(file.metadata()).containsExactlyInAnyOrderEntriesOf(Map.of("format", "pt", "ключ", "значение"));
            assertThat(file.contains("a")).isTrue();
            assertThat(file.contains("__metadata__")).isFalse();
            assertThatThrownBy(() -> file.tensor("c"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage(file.path() + ": no tensor is named 'c'");
        }
    }

    @Test
    void opensAFileWithoutTensors() throws IOException {
        try (SafetensorsFile file = open("{}")) {
            assertThat(file.names()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void givesTheStoredBytesInPlaceForReadingOnly() throws IOException {
        int[] data = {0x80, 0x3F, 0xF6, 0xC2, 0, 0, 0x49, 0x40};
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}", data)) {
            MappedTensor tensor = file.tensor("a");
            assertThat(tensor.rowsInPlace(0)).isEqualTo(2);
            assertThat(tensor.rowsInPlace(2)).isZero();
            ByteBuffer row = tensor.bytes(1, 1);
            assertThat(row.isDirect()).isTrue();
            assertThat(row.isReadOnly()).isTrue();
            assertThat(row.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(row.remaining()).isEqualTo(4);
            assertThat(row.getShort(2)).isEqualTo((short) 0x4049);
            assertThatThrownBy(() -> tensor.bytes(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file.path() + ": tensor 'a' of dtype BF16 and shape [2, 2] has no rows 1 to 3 in one"
                            + " mapping, expected at most 1 rows from there");
        }
    }

    @Test
    void refusesToReadAfterClosing() throws IOException {
        SafetensorsFile file = open("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 0, 0, 0, 0);
        MappedTensor tensor = file.tensor("a");
        file.close();
        file.close();
        String message = file.path() + ": tensor 'a' cannot be read, the file was closed";
        assertThatThrownBy(tensor::load)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tensor.bytes(0, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tensor.writeTo(Channels.newChannel(new ByteArrayOutputStream())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        file.prefetch(List.of("a"));
    }

    @Test
    void noticesThatTheFileWasCutWhileOpen() throws IOException {
        int[] data = new int[40_000];
        try (SafetensorsFile file =
                open("{\"a\":{\"dtype\":\"F32\",\"shape\":[10000],\"data_offsets\":[0,40000]}}", data)) {
            long start = file.header().dataStart();
            truncate(file.path(), 100);
            String message = file.path() + ": bytes " + start + " to " + (start + 40000)
                    + " of tensor 'a' cannot be read, the file was cut to 100 bytes after it was opened";
            MappedTensor tensor = file.tensor("a");
            assertThatThrownBy(tensor::load)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage(message)
                    .hasCauseInstanceOf(SafetensorsException.class);
            assertThatThrownBy(() -> tensor.writeTo(Channels.newChannel(new ByteArrayOutputStream())))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(message);
            file.prefetch(List.of("a"));
        }
    }

    // A channel that cuts the file after the first block has been written.
    @Test
    void noticesThatTheFileWasCutWhileWriting() throws IOException {
        int size = 20_000_000;
        try (SafetensorsFile file = open(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(size, size),
                new int[size])) {
            long start = file.header().dataStart();
            ByteArrayOutputStream out = new ByteArrayOutputStream() {
                @Override
                public synchronized void write(byte[] bytes, int offset, int length) {
                    super.write(bytes, offset, length);
                    truncate(file.path(), 10_000_000);
                }
            };
            assertThatThrownBy(() -> file.tensor("a").writeTo(Channels.newChannel(out)))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(file.path() + ": bytes " + (start + 8388608) + " to " + (start + 16777216)
                            + " of tensor 'a' cannot be read, the file was cut to 10000000 bytes after it was opened");
            assertThat(out.size()).isEqualTo(8388608);
        }
    }

    private static void truncate(Path path, long size) {
        try (var channel = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void followsSymbolicLinks() throws IOException {
        open("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 5)
                .close();
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("a.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(link)) {
            assertThat(file.tensor("a").load().getFloat(0)).isEqualTo(5);
        }
    }

    @Test
    void namesAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.open(missing))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageStartingWith(missing.toString());
    }

    private static byte[] toBytes(int[] data) {
        byte[] bytes = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            bytes[i] = (byte) data[i];
        }
        return bytes;
    }

    /** Writes into a buffer of fixed size. */
    private static final class BufferStream extends java.io.OutputStream {
        private final ByteBuffer buffer;

        BufferStream(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public void write(int b) {
            buffer.put((byte) b);
        }
    }
}
