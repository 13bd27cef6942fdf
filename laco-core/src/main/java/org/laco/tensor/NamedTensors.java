package org.laco.tensor;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.NoSuchElementException;
import org.laco.base.Internal;

/**
 * Tensors that are all known when their source is made.
 *
 * @param <T> what a tensor is
 */
@Internal
public abstract class NamedTensors<T extends StoredTensor> implements TensorSource {
    private final String place;
    private final ImmutableMap<String, T> tensors;

    /**
     * Takes the tensors by their names.
     *
     * @param place where they are, for the message about one that isn't there
     * @param tensors the tensors in the order in which they are stored
     */
    protected NamedTensors(String place, ImmutableMap<String, T> tensors) {
        this.place = requireNonNull(place, "place");
        this.tensors = requireNonNull(tensors, "tensors");
    }

    /**
     * Returns all tensors in the order in which they are stored.
     *
     * @return the tensors
     */
    public final ImmutableList<T> tensors() {
        return tensors.values().asList();
    }

    @Override
    public final ImmutableList<String> names() {
        return tensors.keySet().asList();
    }

    @Override
    public final boolean contains(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public final T tensor(String name) {
        T tensor = tensors.get(name);
        if (tensor == null) {
            throw new NoSuchElementException(place + ": no tensor is named '" + name + "'");
        }
        return tensor;
    }
}
