package org.laco.io;

import org.laco.io.array.FileTensor;
import org.laco.io.safetensors.MappedTensor;

/** A weight of 8-bit floats with scales: a value is the stored number times its scale, in float32. */
final class Float8Tensor extends DecodedTensor {
    private final MappedTensor stored;
    private final Float8 type;
    private final BlockScales scales;
    private final int columns;

    Float8Tensor(FileTensor stored, Float8 type, BlockScales scales) {
        super(stored.name(), stored.shape());
        this.stored = stored.mapped();
        this.type = type;
        this.scales = scales;
        long[] shape = stored.shape();
        this.columns = Math.toIntExact(shape[shape.length - 1]);
    }

    @Override
    int unit() {
        return columns;
    }

    @Override
    void decode(long firstRow, int rows, float[] values) {
        byte[] bytes = new byte[rows * columns];
        stored.copyBytes(firstRow * columns, bytes, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            values[i] = type.value(bytes[i]);
        }
        for (int row = 0; row < rows; row++) {
            scales.scale(firstRow + row, values, row * columns, columns);
        }
    }
}
