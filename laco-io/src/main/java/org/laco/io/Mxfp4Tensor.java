package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.laco.io.array.FileTensor;
import org.laco.io.safetensors.MappedTensor;

/**
 * Experts of 4-bit floats, of which 32 along an input share a power of two (OCP Microscaling Formats v1.0, MXFP4).
 *
 * <p>They are stored as {@code [experts, out, in/32, 16]}, two to a byte with the lower one first, and read as {@code [experts, in, out]}.
 */
final class Mxfp4Tensor extends DecodedTensor {
    private static final int BLOCK = 32;
    private static final int BYTES = BLOCK / 2;
    private static final float[] VALUES = {0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6};

    private final MappedTensor blocks;
    private final MappedTensor scales;
    private final int in;
    private final int out;

    private Mxfp4Tensor(String name, FileTensor blocks, FileTensor scales) {
        super(name, blocks.shape()[0], blocks.shape()[2] * BLOCK, blocks.shape()[1]);
        this.blocks = blocks.mapped();
        this.scales = scales.mapped();
        this.in = Math.toIntExact(blocks.shape()[2] * BLOCK);
        this.out = Math.toIntExact(blocks.shape()[1]);
    }

    static Mxfp4Tensor of(String name, FileTensor blocks, FileTensor scales) {
        long[] shape = blocks.shape();
        checkArgument(
                shape.length == 4 && shape[3] == BYTES && blocks.byteLength() == blocks.length(),
                "tensor %s of type %s has shape %s, expected bytes of the shape [experts, out, in/%s, %s] of MXFP4",
                blocks.name(),
                blocks.storedType(),
                Arrays.toString(shape),
                BLOCK,
                BYTES);
        checkArgument(
                Arrays.equals(scales.shape(), Arrays.copyOf(shape, 3)) && scales.byteLength() == scales.length(),
                "tensor %s of type %s has shape %s, expected bytes of shape %s, one scale for each block of %s",
                scales.name(),
                scales.storedType(),
                Arrays.toString(scales.shape()),
                Arrays.toString(Arrays.copyOf(shape, 3)),
                blocks.name());
        return new Mxfp4Tensor(name, blocks, scales);
    }

    /** A whole expert: it is stored the other way round. */
    @Override
    int unit() {
        return Math.multiplyExact(in, out);
    }

    @Override
    void decode(long firstExpert, int experts, float[] values) {
        int perRow = in / BLOCK;
        byte[] exponents = new byte[perRow * out];
        byte[] packed = new byte[exponents.length * BYTES];
        for (int expert = 0; expert < experts; expert++) {
            blocks.copyBytes((firstExpert + expert) * packed.length, packed, packed.length);
            scales.copyBytes((firstExpert + expert) * exponents.length, exponents, exponents.length);
            int first = expert * unit();
            for (int block = 0; block < exponents.length; block++) {
                float scale = BlockScales.powerOfTwo(exponents[block]);
                int at = first + block % perRow * BLOCK * out + block / perRow;
                for (int i = block * BYTES; i < (block + 1) * BYTES; i++) {
                    values[at] = VALUES[packed[i] & 0xf] * scale;
                    values[at + out] = VALUES[packed[i] >> 4 & 0xf] * scale;
                    at += 2 * out;
                }
            }
        }
    }
}
