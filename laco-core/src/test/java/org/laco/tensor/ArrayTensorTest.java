package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ArrayTensorTest {
    private static byte[] written(INDArray values) throws IOException {
        var out = new ByteArrayOutputStream();
        ArrayTensor.of("t", values).writeTo(Channels.newChannel(out));
        return out.toByteArray();
    }

    private static INDArray bytes(int rows, int columns) {
        return Nd4j.arange(rows * columns).castTo(DataType.BYTE).reshape(rows, columns);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, BOOL, 01",
        "UBYTE, U8, 01",
        "BYTE, I8, 01",
        "SHORT, I16, 0100",
        "UINT16, U16, 0100",
        "INT, I32, 01000000",
        "UINT32, U32, 01000000",
        "LONG, I64, 0100000000000000",
        "UINT64, U64, 0100000000000000",
        "HALF, F16, 003c",
        "BFLOAT16, BF16, 803f",
        "FLOAT, F32, 0000803f",
        "DOUBLE, F64, 000000000000f03f"
    })
    void writesEachTypeUnderItsNameInLittleEndian(DataType type, String storedType, String one) throws IOException {
        ArrayTensor tensor = ArrayTensor.of("t", Nd4j.ones(type, 2, 3));

        assertThat(tensor.storedType()).isEqualTo(storedType);
        assertThat(tensor.byteLength()).isEqualTo(6L * one.length() / 2);
        assertThat(written(Nd4j.ones(type, 2, 3))).asHexString().isEqualToIgnoringCase(one.repeat(6));
        assertThat(written(Nd4j.ones(type).reshape())).asHexString().isEqualToIgnoringCase(one);
        assertThat(written(Nd4j.create(type, 0, 3))).isEmpty();
    }

    @Test
    void writesArraysThatAreNotDenseInTheOrderOfTheirElements() throws IOException {
        assertThat(written(bytes(2, 3).transpose())).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(written(bytes(2, 3).get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3))))
                .containsExactly(1, 2, 4, 5);
        assertThat(written(bytes(3, 2).get(NDArrayIndex.interval(1, 3), NDArrayIndex.all())))
                .containsExactly(2, 3, 4, 5);
        assertThat(written(bytes(1, 12).reshape(2, 3, 2).permute(1, 0, 2)))
                .containsExactly(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11);
        assertThat(written(bytes(2, 3).dup('f'))).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void writesNoCopyOfADenseArray() {
        INDArray values = Nd4j.zeros(2, 3);
        ArrayTensor tensor = ArrayTensor.of("t", values);
        values.putScalar(1, 2, 5);

        assertThat(tensor.load().getFloat(1, 2)).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT", "BFLOAT16", "HALF", "BYTE", "LONG"})
    void readsWhatItWrites(DataType type) throws IOException {
        INDArray values = Nd4j.arange(-3, 9).reshape(3, 4).castTo(type);
        byte[] bytes = written(values);

        ArrayTensor read =
                ArrayTensor.read("u", type, new long[] {3, 4}, Channels.newChannel(new ByteArrayInputStream(bytes)));

        assertThat(read.name()).isEqualTo("u");
        assertThat(read.loadStored()).isEqualTo(values);
        assertThatExceptionOfType(EOFException.class)
                .isThrownBy(() -> ArrayTensor.read(
                        "u", type, new long[] {4, 4}, Channels.newChannel(new ByteArrayInputStream(bytes))))
                .withMessage("tensor u: its elements end too early");
    }

    @Test
    void readsScalarsAndEmptyTensors() {
        Stream.of(DataType.FLOAT, DataType.LONG, DataType.BOOL).forEach(type -> {
            assertThat(ArrayTensor.of("t", Nd4j.ones(type).reshape()).load().getFloat(0))
                    .isEqualTo(1);
            assertThat(ArrayTensor.of("t", Nd4j.create(type, 0, 3)).load().shape())
                    .containsExactly(0, 3);
        });
    }
}
