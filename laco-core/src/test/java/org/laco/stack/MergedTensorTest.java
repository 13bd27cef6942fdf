package org.laco.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.laco.merge.MergeRules;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A weight of several blocks, the last of them of fewer rows. */
class MergedTensorTest {
    private static final int ROWS = 301;
    private static final int WIDTH = 1_000;

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "BFLOAT16", "HALF"})
    void mergesBlockByBlockWhatItMergesAsAWhole(DataType type) {
        INDArray one = random(type, ROWS, WIDTH);
        INDArray other = random(type, ROWS, WIDTH);
        INDArray expected = one.castTo(DataType.FLOAT)
                .add(other.castTo(DataType.FLOAT))
                .divi(2)
                .castTo(type);

        StoredTensor merged = mean(one, other);

        assertThat(merged.load()).isEqualTo(expected.castTo(DataType.FLOAT));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "BFLOAT16", "HALF"})
    void loadsTheSameInTheStoredTypeAndInFloat32(DataType type) {
        StoredTensor merged = mean(random(type, ROWS, WIDTH), random(type, ROWS, WIDTH));
        INDArray stored = Nd4j.createUninitialized(type, ROWS, WIDTH);

        merged.copyTo(stored);

        assertThat(stored.castTo(DataType.FLOAT)).isEqualTo(merged.load());
    }

    @Test
    void copiesSomeRows() {
        StoredTensor merged = mean(random(DataType.BFLOAT16, ROWS, WIDTH), random(DataType.BFLOAT16, ROWS, WIDTH));
        INDArray some = Nd4j.createUninitialized(DataType.FLOAT, 200, WIDTH);

        merged.copyRows(100, some);

        assertThat(some)
                .isEqualTo(merged.load().getRows(IntStream.range(100, 300).toArray()));
    }

    @Test
    void writesWhatItLoads() throws IOException {
        // More than is written at once.
        int rows = 4_300;
        StoredTensor merged = mean(random(DataType.BFLOAT16, rows, WIDTH), random(DataType.BFLOAT16, rows, WIDTH));
        INDArray stored = Nd4j.createUninitialized(DataType.BFLOAT16, rows, WIDTH);
        merged.copyTo(stored);

        assertThat(written(merged)).isEqualTo(written(ArrayTensor.of("weight", stored)));
    }

    @Test
    void mergesVectors() {
        StoredTensor merged = mean(Nd4j.createFromArray(1f, 2f, 3f), Nd4j.createFromArray(3f, 2f, 1f));

        assertThat(merged.load()).isEqualTo(Nd4j.createFromArray(2f, 2f, 2f));
    }

    private static StoredTensor mean(INDArray one, INDArray other) {
        return MergedTensor.of(
                MergeRules.mean(), ImmutableList.of(ArrayTensor.of("weight", one), ArrayTensor.of("other", other)));
    }

    private static byte[] written(StoredTensor tensor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        tensor.writeTo(Channels.newChannel(out));
        return out.toByteArray();
    }

    private static INDArray random(DataType type, long... shape) {
        return Nd4j.rand(DataType.FLOAT, shape).castTo(type);
    }
}
