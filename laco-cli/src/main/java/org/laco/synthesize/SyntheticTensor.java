package org.laco.synthesize;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A tensor whose values are computed when they are read. */
final class SyntheticTensor implements StoredTensor {
    private static final int BLOCK = 1 << 18;

    private final String name;
    private final DataType type;
    private final long[] shape;
    private final Values values;

    /** Where the values come from. */
    interface Values {
        /** Fills an array from its start with values that begin at an index, which is a multiple of 4. */
        void copy(long from, float[] destination, int count);
    }

    SyntheticTensor(String name, DataType type, long[] shape, Values values) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.values = values;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String storedType() {
        return type == DataType.FLOAT ? "F32" : "BF16";
    }

    @Override
    public DataType dataType() {
        return type;
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public long byteLength() {
        return length() * type.width();
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        long from = firstRow * (length() / shape[0]);
        checkArgument(
                firstRow >= 0 && from + destination.length() <= length(),
                "tensor %s of shape %s has no rows from %s that fill an array of shape %s",
                name,
                Arrays.toString(shape),
                firstRow,
                Arrays.toString(destination.shape()));
        int skipped = (int) (from % 4);
        float[] copied = new float[Math.toIntExact(skipped + destination.length())];
        values.copy(from - skipped, copied, copied.length);
        try (INDArray array = Nd4j.createFromArray(Arrays.copyOfRange(copied, skipped, copied.length))) {
            destination.assign(array.reshape(destination.shape()));
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        float[] block = new float[BLOCK];
        ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK * type.width()).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < length(); from += BLOCK) {
            int count = (int) Math.min(BLOCK, length() - from);
            values.copy(from, block, count);
            encode(block, count, bytes.clear());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private void encode(float[] block, int count, ByteBuffer bytes) {
        if (type == DataType.FLOAT) {
            bytes.asFloatBuffer().put(block, 0, count);
        } else {
            for (int i = 0; i < count; i++) {
                // The values are such that the lower half is zero.
                bytes.putShort(i * 2, (short) (Float.floatToRawIntBits(block[i]) >>> 16));
            }
        }
        bytes.limit(count * type.width());
    }
}
