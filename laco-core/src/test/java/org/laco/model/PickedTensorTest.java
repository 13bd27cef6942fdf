package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import org.junit.jupiter.api.Test;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PickedTensorTest {
    private final INDArray values = Nd4j.arange(24).castTo(DataType.FLOAT).reshape('c', 4, 6);
    private final StoredTensor whole = ArrayTensor.of("whole", values);

    @Test
    void hasTheColumnsOfSomeLayers() {
        StoredTensor picked = new PickedColumns(whole, 2, ImmutableList.of(0, 2));

        assertThat(picked.shape()).containsExactly(4, 4);
        assertThat(picked.load().getRow(1).toFloatVector()).containsExactly(6, 7, 10, 11);
    }

    @Test
    void hasTheRowsOfSomeLayers() {
        StoredTensor picked = new PickedRows(whole, 1, ImmutableList.of(3, 1));

        assertThat(picked.shape()).containsExactly(2, 6);
        assertThat(picked.load().getRow(0).toFloatVector()).containsExactly(18, 19, 20, 21, 22, 23);
    }

    @Test
    void writesWhatItHolds() throws IOException {
        StoredTensor picked = new PickedColumns(whole, 3, ImmutableList.of(1));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        picked.writeTo(Channels.newChannel(written));
        ArrayTensor.of("whole", picked.load()).writeTo(Channels.newChannel(expected));

        assertThat(written.toByteArray()).isEqualTo(expected.toByteArray()).hasSize((int) picked.byteLength());
    }
}
