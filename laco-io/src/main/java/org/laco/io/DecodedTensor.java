package org.laco.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.laco.tensor.HostFloats;
import org.laco.tensor.RowTiles;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A weight that is stored in fewer bits with scales, decoded in windows while it is read. Its values are float32, and are rounded to
 * bfloat16, once and to nearest even, where they are written.
 */
abstract class DecodedTensor implements StoredTensor {
    /** Elements that are decoded at once, unless a single unit has more. */
    private static final int WINDOW = 1 << 18;

    private final String name;
    private final long[] shape;

    DecodedTensor(String name, long... shape) {
        this.name = name;
        this.shape = shape.clone();
    }

    /** The number of elements that can be decoded by themselves: they follow one another, and rows are made of whole units. */
    abstract int unit();

    /** Decodes some units into the beginning of an array. */
    abstract void decode(long firstUnit, int units, float[] values);

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String storedType() {
        return "BF16";
    }

    @Override
    public final DataType dataType() {
        return DataType.BFLOAT16;
    }

    @Override
    public final long[] shape() {
        return shape.clone();
    }

    @Override
    public final long byteLength() {
        return length() * Short.BYTES;
    }

    @Override
    public final StoredTensor asWritten() {
        return new RoundedTensor(this);
    }

    @Override
    public final void copyRows(long firstRow, INDArray destination) {
        RowTiles.check(this, firstRow, destination);
        if (destination.isEmpty()) {
            return;
        }
        if (destination.dataType() == DataType.FLOAT) {
            fill(firstRow * (length() / shape[0]), destination);
            return;
        }
        try (INDArray values = Nd4j.createUninitialized(DataType.FLOAT, destination.shape(), 'c')) {
            fill(firstRow * (length() / shape[0]), values);
            destination.assign(values);
        }
    }

    private void fill(long first, INDArray destination) {
        forEachWindow(first, destination.length(), (at, values, count) -> {
            INDArray part = Nd4j.create(
                    destination.data(),
                    new long[] {count},
                    new long[] {1},
                    destination.offset() + at,
                    'c',
                    DataType.FLOAT);
            HostFloats.of(part).put(0, values, count);
        });
    }

    @Override
    public final void writeTo(WritableByteChannel channel) throws IOException {
        forEachWindow(0, length(), (at, values, count) -> {
            ByteBuffer rounded = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                rounded.putShort(toBfloat16(values[i]));
            }
            rounded.flip();
            while (rounded.hasRemaining()) {
                channel.write(rounded);
            }
        });
    }

    /** Rounds to the upper half of a float32, to nearest even. */
    static short toBfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        // The lower half of what is no number must not carry into its exponent.
        return Float.isNaN(value) ? (short) (bits >>> 16) : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** What is done with decoded elements, of which the first is the {@code at}th of those that were asked for. */
    private interface Window<E extends Exception> {
        void accept(long at, float[] values, int count) throws E;
    }

    private <E extends Exception> void forEachWindow(long first, long count, Window<E> window) throws E {
        int unit = unit();
        int most = Math.max(1, WINDOW / unit);
        long units = count / unit;
        float[] values = new float[Math.toIntExact(Math.min(most, units) * unit)];
        for (long done = 0; done < units; done += most) {
            int some = (int) Math.min(most, units - done);
            decode(first / unit + done, some, values);
            window.accept(done * unit, values, some * unit);
        }
    }
}
