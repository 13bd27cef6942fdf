package org.laco.tensor;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A tensor that is described and written as another one. How its values are read is for each kind to say, since that is where they differ.
 */
@Internal
public interface ForwardingTensor extends StoredTensor {
    /**
     * Returns the other one.
     *
     * @return the tensor that describes this one
     */
    StoredTensor tensor();

    @Override
    default String name() {
        return tensor().name();
    }

    @Override
    default String storedType() {
        return tensor().storedType();
    }

    @Override
    default DataType dataType() {
        return tensor().dataType();
    }

    @Override
    default long[] shape() {
        return tensor().shape();
    }

    @Override
    default long byteLength() {
        return tensor().byteLength();
    }

    @Override
    default void writeTo(WritableByteChannel channel) throws IOException {
        tensor().writeTo(channel);
    }
}
