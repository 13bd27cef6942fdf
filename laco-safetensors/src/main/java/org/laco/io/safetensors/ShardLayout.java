package org.laco.io.safetensors;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which files tensors will be written to, and how many bytes that takes, known before anything is written.
 *
 * <p>Tensors stay in their order. A shard is closed when the next tensor would take its data over the limit, so that only a
 * tensor that is larger than the limit makes a larger shard. One shard is named {@code model.safetensors}, several
 * {@code model-00001-of-00003.safetensors} and so on, with an index beside them.
 */
public final class ShardLayout {
    /** The metadata that other readers of Hugging Face checkpoints look for. */
    public static final ImmutableMap<String, String> DEFAULT_METADATA = ImmutableMap.of("format", "pt");

    private final ImmutableList<Shard> shards;
    private final byte[] index;

    private ShardLayout(ImmutableList<Shard> shards) {
        this.shards = shards;
        this.index = shards.size() == 1 ? new byte[0] : index(shards);
    }

    /**
     * Lays tensors out.
     *
     * @param tensors the tensors in the order in which they will be written
     * @param maxShardBytes the most bytes of tensors in one file, at least 1
     * @param metadata the free text of each file's header, such as {@link #DEFAULT_METADATA}
     * @return the layout
     * @throws IllegalArgumentException if two tensors share a name, if the format can't hold one of them, or if a header gets
     *     too long
     */
    public static ShardLayout of(
            List<? extends WritableTensor> tensors, long maxShardBytes, Map<String, String> metadata) {
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("maxShardBytes is " + maxShardBytes + ", expected at least 1");
        }
        metadata.forEach(ShardLayout::check);
        Set<String> names = new HashSet<>();
        List<List<WritableTensor>> groups = new ArrayList<>();
        groups.add(new ArrayList<>());
        long bytes = 0;
        for (WritableTensor tensor : tensors) {
            check(tensor);
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("two tensors are named '" + tensor.name() + "'");
            }
            List<WritableTensor> group = groups.get(groups.size() - 1);
            if (!group.isEmpty() && bytes + tensor.byteLength() > maxShardBytes) {
                group = new ArrayList<>();
                groups.add(group);
                bytes = 0;
            }
            group.add(tensor);
            bytes += tensor.byteLength();
        }
        ImmutableMap<String, String> text = ImmutableMap.copyOf(metadata);
        ImmutableList.Builder<Shard> shards = ImmutableList.builder();
        for (int i = 0; i < groups.size(); i++) {
            shards.add(new Shard(fileName(i, groups.size()), groups.get(i), text));
        }
        return new ShardLayout(shards.build());
    }

    /** Lays tensors out in one file of a name of one's own. */
    static Shard single(String fileName, List<? extends WritableTensor> tensors, Map<String, String> metadata) {
        ShardLayout checked = of(tensors, Long.MAX_VALUE, metadata);
        return new Shard(fileName, checked.shards().get(0).tensors(), ImmutableMap.copyOf(metadata));
    }

    private static void check(String key, String text) {
        if (!StrictJson.isUnicode(key) || !StrictJson.isUnicode(text)) {
            throw new IllegalArgumentException(
                    "the metadata has half of a surrogate pair in '" + key + "' or in its text '" + text + "'");
        }
    }

    private static void check(WritableTensor tensor) {
        String name = tensor.name();
        if (name.isEmpty() || name.equals(HeaderParser.METADATA) || !StrictJson.isUnicode(name)) {
            throw new IllegalArgumentException("the format has no room for a tensor named '" + name + "'");
        }
        Dtype dtype = tensor.dtype();
        ImmutableLongArray shape = ImmutableLongArray.copyOf(tensor.shape());
        long expected;
        try {
            expected = TensorEntry.byteLength(dtype, shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' of dtype " + dtype + " and shape " + shape
                            + " is not a countable number of whole bytes",
                    e);
        }
        if (expected != tensor.byteLength()) {
            throw new IllegalArgumentException("tensor '" + name + "' of dtype " + dtype + " and shape " + shape
                    + " takes " + expected + " bytes, but gives its size as " + tensor.byteLength());
        }
    }

    private static String fileName(int index, int count) {
        return count == 1
                ? SafetensorsDirectory.SINGLE_FILE
                : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", index + 1, count);
    }

    private static byte[] index(List<Shard> shards) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeNumberField(
                    "total_size", shards.stream().mapToLong(Shard::dataBytes).sum());
            json.writeEndObject();
            json.writeObjectFieldStart("weight_map");
            for (Shard shard : shards) {
                for (WritableTensor tensor : shard.tensors()) {
                    json.writeStringField(tensor.name(), shard.fileName());
                }
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Returns the names of all files that will be written.
     *
     * @return the shards in order, then the index if there are several
     */
    public ImmutableList<String> fileNames() {
        ImmutableList.Builder<String> names = ImmutableList.builder();
        shards.forEach(shard -> names.add(shard.fileName()));
        return index.length == 0
                ? names.build()
                : names.add(ShardIndex.FILE_NAME).build();
    }

    /**
     * Returns the size of all files together, headers and index included.
     *
     * @return the size in bytes
     */
    public long totalBytes() {
        return shards.stream().mapToLong(Shard::totalBytes).sum() + index.length;
    }

    /**
     * Returns the size of all tensors together.
     *
     * @return the size in bytes
     */
    public long tensorBytes() {
        return shards.stream().mapToLong(Shard::dataBytes).sum();
    }

    ImmutableList<Shard> shards() {
        return shards;
    }

    /** Returns the encoded index, empty for a single file. */
    byte[] index() {
        return index;
    }
}
