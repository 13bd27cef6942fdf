package org.laco.tensor;

import com.google.common.collect.ImmutableList;
import java.util.Collection;

/**
 * The tensors of a model by name, wherever they are: in files, in memory, or computed from other tensors when they are read.
 *
 * <p>Implementations are safe for reads by several threads at once.
 */
public interface TensorSource extends AutoCloseable {
    /**
     * Returns the names of all tensors in the order in which they are stored.
     *
     * @return the names, without duplicates
     */
    ImmutableList<String> names();

    /**
     * Returns whether there is a tensor of a name.
     *
     * @param name the full name
     * @return true if {@link #tensor} will find it
     */
    boolean contains(String name);

    /**
     * Returns a tensor without reading its values.
     *
     * @param name the full name
     * @return the tensor
     * @throws java.util.NoSuchElementException if there is none of that name; the message says where it was looked for
     */
    StoredTensor tensor(String name);

    /**
     * Announces that tensors will be read soon. The default does nothing.
     *
     * @param names the tensors, in the order in which they will be read
     */
    default void prefetch(Collection<String> names) {}

    /** Releases files and mappings. Tensors of this source must not be read afterwards. */
    @Override
    void close();
}
