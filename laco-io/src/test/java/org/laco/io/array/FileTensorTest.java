package org.laco.io.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.TestFiles;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FileTensorTest {
    @TempDir
    Path directory;

    private FileTensors open(String header, int... data) throws IOException {
        return FileTensors.open(TestFiles.write(directory.resolve("a.safetensors"), header, data));
    }

    @Test
    void readsBfloat16WrittenByHand() throws IOException {
        int[] data = {0x80, 0x3F, 0xF6, 0xC2, 0x00, 0x00, 0x80, 0x7F, 0x49, 0x40, 0x01, 0x00};
        try (FileTensors file = open("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}", data);
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
        try (FileTensors file = open("{\"a\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]}}", data);
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
        try (FileTensors file = open(header, data)) {
            FileTensor tensor = file.tensor("a");
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
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                tensor.writeTo(Channels.newChannel(bytes));
                assertThat(bytes.toByteArray()).containsExactly(toBytes(data));
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
        try (FileTensors file = open(header, data);
                INDArray values = Nd4j.createUninitialized(DataType.FLOAT, 8)) {
            FileTensor tensor = file.tensor("a");
            assertThat(tensor.dataType()).isEqualTo(DataType.UNKNOWN);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            tensor.writeTo(Channels.newChannel(out));
            assertThat(out.toByteArray()).containsExactly(toBytes(data));
            assertThatThrownBy(() -> tensor.copyTo(values))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "%s: tensor 'a' of dtype %s and shape [8] cannot be read as numbers, its type has no"
                                    + " counterpart in ND4J",
                            file.mapped().path(), dtype);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16"})
    void showsHalfPrecisionWhereItLies(Dtype dtype) throws IOException {
        String header = "{\"a\":{\"dtype\":\"%s\",\"shape\":[2,3],\"data_offsets\":[0,12]}}".formatted(dtype);
        try (FileTensors file = open(header, 0, 0x3C, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45, 0, 0x46)) {
            INDArray inPlace = file.tensor("a").inPlace().orElseThrow();

            assertThat(inPlace.dataType()).isEqualTo(ElementTypes.dataType(dtype));
            assertThat(inPlace.stride()).containsExactly(3, 1);
            assertThat(inPlace.castTo(DataType.FLOAT))
                    .isEqualTo(file.tensor("a").load());
        }
    }

    @Test
    void showsNoOtherTypeWhereItLies() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        try (FileTensors file = open(header, 0, 0, 0x80, 0x3F)) {
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
        Path path = TestFiles.write(directory.resolve("pieces.safetensors"), header, data);
        try (FileTensors whole = FileTensors.open(path);
                FileTensors pieces = FileTensors.of(TestFiles.open(path, 16));
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
        try (FileTensors file = open(header, 7, 0, 0, 0xC0, 0xBF, 0, 0, 0x80, 0x3F, 0xF6, 0xC2);
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
        try (FileTensors file = open(header, data);
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
        try (FileTensors file = open("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1)) {
            assertThatThrownBy(() -> file.tensor("a").loadStored())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'a' of type F8_E4M3 can't be loaded, ND4J has no such type");
        }
    }

    @Test
    void readsRowsIntoAPartOfAnArray() throws IOException {
        int[] data = {1, 2, 3, 4, 5, 6, 7, 8};
        try (FileTensors file = open("{\"a\":{\"dtype\":\"U8\",\"shape\":[4,2],\"data_offsets\":[0,8]}}", data);
                INDArray values = Nd4j.zeros(DataType.FLOAT, 4, 2)) {
            file.tensor("a").copyRows(1, values.get(NDArrayIndex.interval(2, 4), NDArrayIndex.all()));
            assertThat(values.data().asFloat()).containsExactly(0, 0, 0, 0, 3, 4, 5, 6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,1,2,3]", "[6]", "[6,1]", "[1,6]", "[2,1,3]", "[2,3,1,1]"})
    void readsShapesWithDimensionsOfOne(String shape) throws IOException {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":" + shape + ",\"data_offsets\":[0,6]}}";
        try (FileTensors file = open(header, 1, 2, 3, 4, 5, 6);
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
        try (FileTensors file = open("{\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", 1, 2, 3, 4);
                INDArray two = Nd4j.zeros(DataType.FLOAT, 2, 2);
                INDArray wide = Nd4j.zeros(DataType.FLOAT, 1, 3)) {
            FileTensor tensor = file.tensor("a");
            String name = file.mapped().path() + ": tensor 'a' of dtype U8 and shape [2, 2]";
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
        try (FileTensors file = open("{\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", 1, 2, 3, 4);
                INDArray square = Nd4j.zeros(DataType.FLOAT, 2, 2);
                INDArray wide = Nd4j.zeros(DataType.FLOAT, 2, 4);
                INDArray halves = Nd4j.zeros(DataType.HALF, 2, 2)) {
            FileTensor tensor = file.tensor("a");
            String name = file.mapped().path() + ": tensor 'a' of dtype U8 and shape [2, 2]";
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
        try (FileTensors file = open(header, 0, 0, 0xC0, 0xBF)) {
            assertThat(file.names()).containsExactly("e", "s", "f");
            try (INDArray scalar = file.tensor("s").load()) {
                assertThat(scalar.shape()).isEmpty();
                assertThat(scalar.getFloat(0)).isEqualTo(-1.5f);
            }
            assertThat(file.tensor("s").length()).isEqualTo(1);
            assertThat(file.tensor("e").load().shape()).containsExactly(0, 3);
            assertThat(file.tensor("f").load().shape()).containsExactly(2, 0);
            assertThat(file.tensor("f").mapped().bytes(0, 2).remaining()).isZero();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            file.tensor("e").writeTo(Channels.newChannel(out));
            assertThat(out.size()).isZero();
        }
    }

    @Test
    void refusesToReadAfterClosing() throws IOException {
        FileTensors file = open("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 0, 0, 0, 0);
        FileTensor tensor = file.tensor("a");
        file.close();
        String message = file.mapped().path() + ": tensor 'a' cannot be read, the file was closed";
        assertThatThrownBy(tensor::load)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tensor.copySlice(Nd4j.zeros(1), 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
    }

    @Test
    void noticesThatTheFileWasCutWhileOpen() throws IOException {
        int[] data = new int[40_000];
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[100,100],\"data_offsets\":[0,40000]}}";
        try (FileTensors file = open(header, data)) {
            TestFiles.truncate(file.mapped().path(), 100);
            FileTensor tensor = file.tensor("a");
            assertThatThrownBy(tensor::load)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageEndingWith(
                            " of tensor 'a' cannot be read, the file was cut to 100 bytes after it was opened");
            assertThatThrownBy(() -> tensor.copySlice(Nd4j.zeros(2, 2), 50, 50))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageEndingWith(
                            " of tensor 'a' cannot be read, the file was cut to 100 bytes after it was opened");
        }
    }

    private static byte[] toBytes(int[] data) {
        byte[] bytes = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            bytes[i] = (byte) data[i];
        }
        return bytes;
    }
}
