package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.laco.io.BlockScales.Block;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;

/**
 * How the weights of a checkpoint are compressed, where they can be decoded while they are read.
 *
 * @param description the method, for people
 * @param block how many elements share a scale, if the configuration says so
 * @param microscaled whether experts are stored as blocks of 4-bit floats
 */
record Quantisation(String description, Optional<Block> block, boolean microscaled) {
    private static final String KEY = "quantization_config";
    private static final ImmutableSet<String> PLAIN_FORMATS = ImmutableSet.of("float-quantized", "naive-quantized");

    /** Reads the configuration; empty if nothing is compressed, or in a way that can't be decoded, which is left to be refused. */
    static Optional<Quantisation> of(ModelConfig config) {
        if (!config.has(KEY)) {
            return Optional.empty();
        }
        ModelConfig read = config.object(KEY);
        return switch (read.string("quant_method", "")) {
            case "fp8" -> Optional.of(float8(block(read, "weight_block_size")));
            case "mxfp4" -> Optional.of(new Quantisation("MXFP4 (blocks of 32)", Optional.empty(), true));
            case "compressed-tensors" -> compressedTensors(read);
            default -> Optional.empty();
        };
    }

    private static Quantisation float8(Optional<Block> block) {
        return new Quantisation(
                block.map(size -> "FP8 (blocks of " + size + ")").orElse("FP8"), block, false);
    }

    private static Optional<Block> block(ModelConfig config, String key) {
        if (!config.has(key)) {
            return Optional.empty();
        }
        ImmutableList<Double> sizes = config.numbers(key, Range.COUNT);
        if (sizes.size() != 2) {
            throw new IllegalArgumentException("config.json: key " + key + " of " + KEY + " has " + sizes.size()
                    + " entries, expected two, the rows and columns of a block");
        }
        return Optional.of(new Block(sizes.get(0).intValue(), sizes.get(1).intValue()));
    }

    /** Reads groups of weights that are all stored as 8-bit floats with scales, and nothing else done to them. */
    private static Optional<Quantisation> compressedTensors(ModelConfig read) {
        if (!PLAIN_FORMATS.contains(read.string("format", ""))
                || isSparse(read)
                || read.has("transform_config")
                        && !read.object("transform_config").values().isEmpty()) {
            return Optional.empty();
        }
        Optional<Quantisation> found = Optional.empty();
        ModelConfig groups = read.object("config_groups");
        for (String name : groups.values().keySet()) {
            Optional<Quantisation> group = group(groups.object(name));
            // Groups of different blocks would need the patterns of names by which modules are told apart.
            if (group.isEmpty() || found.isPresent() && !found.equals(group)) {
                return Optional.empty();
            }
            found = group;
        }
        return found;
    }

    private static boolean isSparse(ModelConfig read) {
        return read.has("sparsity_config")
                && !read.object("sparsity_config").string("format", "dense").equals("dense");
    }

    private static Optional<Quantisation> group(ModelConfig group) {
        ModelConfig weights = group.object("weights");
        if (!weights.string("type", "").equals("float")
                || weights.integer("num_bits", 0) != 8
                || !weights.flag("symmetric", true)
                || weights.has("actorder")
                || !PLAIN_FORMATS.contains(group.string("format", "float-quantized"))) {
            return Optional.empty();
        }
        return switch (weights.string("strategy", "")) {
            case "tensor" -> Optional.of(new Quantisation("FP8 (a scale a tensor)", Optional.empty(), false));
            case "channel" -> Optional.of(new Quantisation("FP8 (a scale a row)", Optional.empty(), false));
            case "block" -> Optional.of(float8(block(weights, "block_structure")));
            case "group" -> Optional.of(float8(Optional.of(new Block(1, weights.integer("group_size", Range.COUNT)))));
            default -> Optional.empty();
        };
    }

    /** Returns the configuration of what is read: bfloat16 and not compressed. */
    ModelConfig decoded(ModelConfig config) {
        ModelConfig decoded = config.without(KEY);
        for (String key : List.of("dtype", "torch_dtype")) {
            if (config.has(key)) {
                decoded = decoded.withAll(Map.of(key, "bfloat16"));
            }
        }
        return decoded;
    }
}
