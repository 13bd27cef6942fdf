package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.Collection;
import java.util.NoSuchElementException;

/** The tensors of an opened {@link SafetensorsFile} or {@link SafetensorsDirectory}, by their names. */
public abstract sealed class MappedTensors implements AutoCloseable permits SafetensorsFile, SafetensorsDirectory {
    private final Path path;
    private final ImmutableMap<String, MappedTensor> tensors;
    private final ReadAhead readAhead = new ReadAhead(ReadAhead.DEFAULT_LIMIT);

    MappedTensors(Path path, ImmutableMap<String, MappedTensor> tensors) {
        this.path = path;
        this.tensors = tensors;
    }

    /**
     * Returns where the tensors are.
     *
     * @return the path of the file or of the directory that was opened
     */
    public final Path path() {
        return path;
    }

    /**
     * Returns the files that hold the tensors.
     *
     * @return the only file, or the shards in the order of their names
     */
    public abstract ImmutableList<SafetensorsFile> files();

    /**
     * Returns all tensors in the order in which they are stored.
     *
     * @return the tensors
     */
    public final ImmutableList<MappedTensor> tensors() {
        return tensors.values().asList();
    }

    /**
     * Returns the names of all tensors in the order in which they are stored.
     *
     * @return the names, without duplicates
     */
    public final ImmutableList<String> names() {
        return tensors.keySet().asList();
    }

    /**
     * Returns whether there is a tensor of a name.
     *
     * @param name the full name
     * @return true if {@link #tensor} will find it
     */
    public final boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Returns a tensor without reading its values.
     *
     * @param name the full name
     * @return the tensor
     * @throws NoSuchElementException if there is none of that name; the message says where it was looked for
     */
    public final MappedTensor tensor(String name) {
        MappedTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new NoSuchElementException(path + ": no tensor is named '" + name + "'");
        }
        return tensor;
    }

    /**
     * Returns the free text under {@code __metadata__}, such as {@code format=pt}.
     *
     * @return the texts by key, empty if there are none
     */
    public abstract ImmutableMap<String, String> metadata();

    /**
     * Brings tensors into the page cache in the background, up to 1 GiB of them.
     *
     * @param names the tensors, in the order in which they will be read; they replace those announced before
     */
    public final void prefetch(Collection<String> names) {
        readAhead.announce(names.stream().map(this::tensor).toList());
    }

    /** Closes the files. Tensors can't be read afterwards, and the mappings go when nobody refers to them any more. */
    @Override
    public void close() {
        readAhead.close();
    }
}
