package org.laco.synthesize;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.laco.measure.ProgressListener;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A checkpoint of a real model's shape with random weights, to measure time and memory without the real one.
 *
 * <p>Weights are normally distributed with deviation 0.02, norms are 1. There is no tokenizer: calibrate with token ids. The same shape,
 * type and seed give the same bytes everywhere.
 *
 * @param shape the dimensions
 * @param type the type of the weights, {@link DataType#BFLOAT16} or {@link DataType#FLOAT}
 * @param seed chooses the weights
 * @param maxShardBytes the most bytes of tensors in one file
 */
public record SyntheticCheckpoint(KnownShape shape, DataType type, long seed, long maxShardBytes) {
    private static final SyntheticTensor.Values ONES =
            (from, destination, count) -> Arrays.fill(destination, 0, count, 1);

    /**
     * Writes the checkpoint, whole or not at all.
     *
     * @param target the directory to write, which must not exist
     * @return the number of bytes of its files
     * @throws IOException if the directory exists, the disk is too small, or writing fails; nothing is left behind then
     */
    public long write(Path target) throws IOException {
        return write(target, share -> {});
    }

    /**
     * Writes the checkpoint as {@link #write(Path)} does, and tells how far that is.
     *
     * @param target the directory to write, which must not exist
     * @param listener who is told how far it is
     * @return the number of bytes of its files
     * @throws IOException if the directory exists, the disk is too small, or writing fails; nothing is left behind then
     */
    public long write(Path target, ProgressListener listener) throws IOException {
        Path place = target.toAbsolutePath().normalize();
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(target + " exists already and is not overwritten");
        }
        ShardLayout layout =
                ShardLayout.of(WrittenTensor.allOf(tensors()), maxShardBytes, ShardLayout.DEFAULT_METADATA);
        Path temporary = begin(place);
        try {
            long free = Files.getFileStore(temporary).getUsableSpace();
            if (free < layout.totalBytes()) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "%s needs %,d bytes, but its disk has %,d bytes free",
                        target,
                        layout.totalBytes(),
                        free));
            }
            double all = layout.tensorBytes();
            SafetensorsWriter.write(layout, temporary, true, bytes -> listener.progressed(bytes / all));
            Files.writeString(temporary.resolve("config.json"), config().toPrettyString() + "\n");
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            return layout.totalBytes();
        } finally {
            if (Files.exists(temporary)) {
                MoreFiles.deleteRecursively(temporary, RecursiveDeleteOption.ALLOW_INSECURE);
            }
        }
    }

    private static Path begin(Path place) throws IOException {
        try {
            Files.createDirectories(place.getParent());
            return Files.createDirectory(place.resolveSibling(
                    "." + place.getFileName() + "." + ProcessHandle.current().pid()));
        } catch (FileSystemException e) {
            throw new IOException(place.getParent() + " can't be written: " + e.getMessage(), e);
        }
    }

    /** Lists the tensors by the names that Llama's have. */
    ImmutableList<StoredTensor> tensors() {
        RandomValues random = new RandomValues();
        ImmutableList.Builder<StoredTensor> tensors = ImmutableList.builder();
        int width = shape.width();
        int head = width / shape.heads();
        tensors.add(weight(random, "model.embed_tokens", shape.vocabulary(), width));
        for (int i = 0; i < shape.layers(); i++) {
            String layer = "model.layers." + i + ".";
            tensors.add(norm(layer + "input_layernorm"))
                    .add(weight(random, layer + "self_attn.q_proj", width, width))
                    .add(weight(random, layer + "self_attn.k_proj", shape.keyHeads() * head, width))
                    .add(weight(random, layer + "self_attn.v_proj", shape.keyHeads() * head, width))
                    .add(weight(random, layer + "self_attn.o_proj", width, width))
                    .add(norm(layer + "post_attention_layernorm"))
                    .add(weight(random, layer + "mlp.gate_proj", shape.intermediate(), width))
                    .add(weight(random, layer + "mlp.up_proj", shape.intermediate(), width))
                    .add(weight(random, layer + "mlp.down_proj", width, shape.intermediate()));
        }
        tensors.add(norm("model.norm"));
        if (!shape.tied()) {
            tensors.add(weight(random, "lm_head", shape.vocabulary(), width));
        }
        return tensors.build();
    }

    private StoredTensor weight(RandomValues random, String map, long out, long in) {
        String name = map + ".weight";
        long own = Hashing.sha256()
                .newHasher()
                .putLong(seed)
                .putString(name, StandardCharsets.UTF_8)
                .hash()
                .asLong();
        return new SyntheticTensor(
                name,
                type,
                new long[] {out, in},
                (from, destination, count) -> random.copy(own, from, destination, count));
    }

    private StoredTensor norm(String map) {
        return new SyntheticTensor(map + ".weight", type, new long[] {shape.width()}, ONES);
    }

    private ObjectNode config() {
        ObjectNode config = JsonMapper.builder().build().createObjectNode();
        config.putArray("architectures").add("LlamaForCausalLM");
        return config.put("model_type", "llama")
                .put("hidden_size", shape.width())
                .put("intermediate_size", shape.intermediate())
                .put("num_hidden_layers", shape.layers())
                .put("num_attention_heads", shape.heads())
                .put("num_key_value_heads", shape.keyHeads())
                .put("vocab_size", shape.vocabulary())
                .put("tie_word_embeddings", shape.tied())
                .put("hidden_act", "silu")
                .put("max_position_embeddings", 4096)
                .put("rms_norm_eps", 1e-5)
                .put("rope_theta", 10_000.0)
                .put("bos_token_id", 1)
                .put("eos_token_id", 2)
                .put("dtype", type == DataType.FLOAT ? "float32" : "bfloat16");
    }
}
