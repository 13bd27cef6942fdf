package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fitted and trained weights in the type of the weights that they replace. */
@Internal
public final class WeightEncoding {
    private WeightEncoding() {}

    /**
     * Refuses a type that nothing can be rounded to.
     *
     * @param stored the weight that is to be replaced
     * @throws IllegalArgumentException if its type is no floating point
     */
    public static void require(StoredTensor stored) {
        checkArgument(
                stored.dataType() != DataType.UNKNOWN && stored.dataType().isFPType(),
                "tensor %s can't be replaced: its type %s can't be written",
                stored.name(),
                stored.storedType());
    }

    /**
     * Rounds once, to the nearest and ties to even.
     *
     * @param values the values in float32
     * @param like a tensor of the wanted type
     * @return a new array
     */
    public static INDArray round(INDArray values, StoredTensor like) {
        return like.dataType() == DataType.FLOAT ? values.dup('c') : values.castTo(like.dataType());
    }

    /**
     * Hashes the stored values.
     *
     * @param tensor the tensor
     * @return the SHA-256 in hexadecimal
     */
    public static String sha256(StoredTensor tensor) {
        Hasher hasher = Hashing.sha256().newHasher();
        try {
            tensor.writeTo(new Hashed(hasher));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return hasher.hash().toString();
    }

    private record Hashed(Hasher hasher) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            hasher.putBytes(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
