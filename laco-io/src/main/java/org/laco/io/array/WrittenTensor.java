package org.laco.io.array;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.WritableTensor;
import org.laco.tensor.StoredTensor;

/**
 * A {@link StoredTensor} that is to be written into a safetensors file; its values are read or computed then.
 *
 * <pre>{@code
 * SafetensorsWriter.write(ShardLayout.of(WrittenTensor.allOf(tensors), 5_000_000_000L, ShardLayout.DEFAULT_METADATA), directory);
 * }</pre>
 */
public final class WrittenTensor implements WritableTensor {
    private final StoredTensor tensor;
    private final Dtype dtype;

    private WrittenTensor(StoredTensor tensor, Dtype dtype) {
        this.tensor = tensor;
        this.dtype = dtype;
    }

    /**
     * Takes a tensor.
     *
     * @param tensor the tensor, whose stored type is one of the format's
     * @return what is to be written
     * @throws IllegalArgumentException if the format lacks its type
     */
    public static WrittenTensor of(StoredTensor tensor) {
        requireNonNull(tensor, "tensor");
        return new WrittenTensor(tensor, ElementTypes.require(tensor.name(), tensor.storedType()));
    }

    /**
     * Takes several tensors.
     *
     * @param tensors the tensors, in the order in which they are to be written
     * @return what is to be written
     * @throws IllegalArgumentException if the format lacks the type of one of them
     */
    public static ImmutableList<WrittenTensor> allOf(List<? extends StoredTensor> tensors) {
        return tensors.stream().map(WrittenTensor::of).collect(ImmutableList.toImmutableList());
    }

    @Override
    public String name() {
        return tensor.name();
    }

    @Override
    public Dtype dtype() {
        return dtype;
    }

    @Override
    public long[] shape() {
        return tensor.shape();
    }

    @Override
    public long byteLength() {
        return tensor.byteLength();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        tensor.writeTo(channel);
    }
}
