package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GPT-Neo: layer norms, learned positions, attention whose scores aren't scaled, in some layers within a window. */
final class GptNeo implements Family {
    /** The type of each layer, which counts before {@link #RUNS}. */
    private static final String TYPES = "attention_layers";

    /** Runs of layers, {@code [[[type, …], times], …]}. */
    private static final String RUNS = "attention_types";

    private static final String LOCAL = "local";

    private static final ImmutableSet<String> KNOWN = ImmutableSet.of("global", LOCAL);

    /** What transformers takes for {@link #RUNS} where a configuration hasn't any. */
    private static final ImmutableList<ImmutableList<Object>> ALTERNATING =
            ImmutableList.of(ImmutableList.of(ImmutableList.of("global", LOCAL), 12));

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50257)
            .put("hidden_size", 2048)
            .put("num_layers", 24)
            .put("num_heads", 16)
            .put("max_position_embeddings", 2048)
            .put("window_size", 256)
            .put("activation_function", "gelu_new")
            .put("layer_norm_epsilon", 1e-5)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "GPT-Neo";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt_neo");
    }

    @Override
    public String notes() {
        return "GPT-Neo, TinyStories; stored masks are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of("num_attention_heads", "num_heads", "num_hidden_layers", "num_layers");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        int width = config.integer("hidden_size", Range.SIZE);
        double epsilon = config.number("layer_norm_epsilon", Range.EPSILON);
        ImmutableList<String> types = types(config);
        Heads heads = Heads.read(config, tensors, prefix() + "wte.weight", Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()).withPositions(prefix() + "wpe.weight", 0))
                .layers(prefix() + "h.", types.size(), i -> layer(config, width, epsilon, types.get(i)))
                .norm(LayerNorm.of(prefix() + "ln_f", width, epsilon))
                .head(heads.head())
                .build();
    }

    private static Layer layer(ModelConfig config, int width, double epsilon, String type) {
        boolean local = type.equals(LOCAL);
        Attention.Builder attention = attention(config, width);
        // Read in any case: a window that makes no sense is a sign of a broken file.
        int window = config.integer("window_size", Range.POSITIONS);
        Layer layer = Layer.of(
                Residual.of(
                        LayerNorm.of("ln_1", width, epsilon), (local ? attention.window(window) : attention).build()),
                Residual.of(LayerNorm.of("ln_2", width, epsilon), feedForward(config, width)));
        return LayerTypes.mark(layer, local ? LayerTypes.SLIDING : LayerTypes.FULL);
    }

    private static Attention.Builder attention(ModelConfig config, int width) {
        int heads = config.integer("num_heads", Range.COUNT);
        String prefix = "attn.attention.";
        return Attention.builder(heads, heads, Dimensions.headSize(width, heads))
                .projection(new SeparateProjection(
                        Linear.of(prefix + "q_proj", width, width, false),
                        Linear.of(prefix + "k_proj", width, width, false),
                        Linear.of(prefix + "v_proj", width, width, false)))
                .output(Linear.of(prefix + "out_proj", width, width, true))
                .scale(1);
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size", Range.SIZE, 4 * width);
        return new FeedForward(
                Linear.of("mlp.c_fc", width, inner, true),
                Linear.of("mlp.c_proj", inner, width, true),
                Dimensions.activation(config, "activation_function"));
    }

    /** Reads the type of each layer. */
    private static ImmutableList<String> types(ModelConfig config) {
        int layers = config.integer("num_layers", Range.COUNT);
        boolean listed = config.has(TYPES);
        List<String> types = listed ? config.strings(TYPES) : runs(config, layers);
        String key = listed ? TYPES : RUNS;
        checkArgument(
                types.size() == layers,
                "config.json: %s gives types of %s layers, expected one for each of the %s layers",
                key,
                types.size() > layers ? "more than " + layers : types.size(),
                layers);
        for (String type : types) {
            checkArgument(
                    KNOWN.contains(type),
                    "config.json: %s holds %s, expected %s",
                    key,
                    type,
                    String.join(" or ", KNOWN));
        }
        return ImmutableList.copyOf(types);
    }

    /** Writes runs out, as far as it takes to see that they are too long. */
    private static List<String> runs(ModelConfig config, int layers) {
        List<?> runs = config.values().get(RUNS) == null
                ? ALTERNATING
                : list(RUNS, config.values().get(RUNS));
        List<String> types = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            String key = RUNS + "[" + i + "]";
            List<?> run = list(key, runs.get(i));
            checkArgument(
                    run.size() == 2, "config.json: %s has %s entries, expected types and a number", key, run.size());
            ImmutableList<String> repeated = only(key + "[0]", run.get(0)).strings(key + "[0]");
            int times = only(key + "[1]", run.get(1)).integer(key + "[1]", Range.COUNT);
            for (int n = 0; n < times && types.size() <= layers; n++) {
                types.addAll(repeated);
            }
        }
        return types;
    }

    private static List<?> list(String key, Object value) {
        checkArgument(value instanceof List, "config.json: key %s is %s, expected a list", key, value);
        return (List<?>) value;
    }

    /** A configuration of one entry of a list, which checks its type. */
    private static ModelConfig only(String key, Object value) {
        return ModelConfig.of(Collections.singletonMap(key, value));
    }

    /** Writes the types as one run; files that have them layer by layer have both. */
    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ImmutableList<String> types = types(config);
        ImmutableList<String> left = LayerKeys.pick(types, plan);
        ModelConfig collapsed = LayerKeys.named("num_layers").collapse(config, plan);
        if (left.equals(types)) {
            return collapsed;
        }
        ModelConfig written = collapsed.with(RUNS, ImmutableList.of(ImmutableList.of(left, 1)));
        return config.has(TYPES) ? written.with(TYPES, left) : written;
    }
}
