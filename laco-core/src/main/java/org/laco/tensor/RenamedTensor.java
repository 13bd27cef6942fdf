package org.laco.tensor;

import java.util.Optional;
import org.laco.base.Internal;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A tensor under another name.
 *
 * @param name the new name
 * @param tensor the tensor
 */
@Internal
public record RenamedTensor(String name, StoredTensor tensor) implements ForwardingTensor {
    /**
     * Gives a tensor a name.
     *
     * @param name the name
     * @param tensor a tensor of any name
     * @return the tensor itself if it has that name
     */
    public static StoredTensor of(String name, StoredTensor tensor) {
        return name.equals(tensor.name()) ? tensor : new RenamedTensor(name, tensor);
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        tensor.copyRows(firstRow, destination);
    }

    @Override
    public Optional<INDArray> inPlace() {
        return tensor.inPlace();
    }

    @Override
    public boolean liesInPlace() {
        return tensor.liesInPlace();
    }

    @Override
    public StoredTensor asWritten() {
        StoredTensor written = tensor.asWritten();
        return written == tensor ? this : new RenamedTensor(name, written);
    }
}
