package org.laco.tensor;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.laco.base.Internal;

/** Hashes of what tensors hold, without an array of it. */
@Internal
public final class TensorHash {
    private TensorHash() {}

    /**
     * Hashes the stored elements, which are read.
     *
     * @param tensor the tensor
     * @return the SHA-256 of the elements as they are written, in hexadecimal
     * @throws UncheckedIOException if they can't be read
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
