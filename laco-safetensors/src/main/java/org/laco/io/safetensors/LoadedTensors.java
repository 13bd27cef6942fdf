package org.laco.io.safetensors;

import com.google.common.collect.ImmutableMap;
import java.util.NoSuchElementException;

/** What {@link Safetensors} has read: tensors in memory, in their stored type, and the metadata. */
public final class LoadedTensors {
    private final String place;
    private final ImmutableMap<String, Tensor> tensors;
    private final ImmutableMap<String, String> metadata;

    LoadedTensors(String place, ImmutableMap<String, Tensor> tensors, ImmutableMap<String, String> metadata) {
        this.place = place;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /**
     * Returns all tensors.
     *
     * @return the tensors by name, in the order of their data in the file
     */
    public ImmutableMap<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * Returns one tensor.
     *
     * @param name the full name
     * @return the tensor
     * @throws NoSuchElementException if there is none of that name
     */
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new NoSuchElementException(place + ": no tensor is named '" + name + "'");
        }
        return tensor;
    }

    /**
     * Returns the free text under {@code __metadata__}, such as {@code format=pt}.
     *
     * @return the texts by key, empty if there are none
     */
    public ImmutableMap<String, String> metadata() {
        return metadata;
    }
}
