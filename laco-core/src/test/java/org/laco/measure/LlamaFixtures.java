package org.laco.measure;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small Llama models in memory. */
public final class LlamaFixtures {
    private static final int HEAD_SIZE = 4;

    private LlamaFixtures() {}

    /**
     * A model whose next token depends on the last one only, with given probabilities {@code [last][next]}.
     *
     * <p>Embeddings are one-hot and layers change nothing, since what they add is zero. The final norm brings a one-hot vector of
     * width w to length √w, which the head divides out again.
     */
    public static CausalModel bigram(double[][] probabilities) {
        int vocabulary = probabilities.length;
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("model.embed_tokens.weight", Nd4j.eye(vocabulary).castTo(DataType.FLOAT));
        addLayers(arrays, 2, vocabulary, shape -> Nd4j.zeros(DataType.FLOAT, shape));
        arrays.put("model.norm.weight", Nd4j.ones(DataType.FLOAT, vocabulary));
        double[][] head = new double[vocabulary][vocabulary];
        for (int last = 0; last < vocabulary; last++) {
            for (int next = 0; next < vocabulary; next++) {
                head[next][last] = Math.log(probabilities[last][next]) / Math.sqrt(vocabulary);
            }
        }
        arrays.put("lm_head.weight", Nd4j.create(head).castTo(DataType.FLOAT));
        return model(arrays, vocabulary, vocabulary, 2);
    }

    /** A model of random weights, large enough that layers and positions matter. */
    public static CausalModel random(int vocabulary, int width, int layers, int seed) {
        Nd4j.getRandom().setSeed(seed);
        Function<long[], INDArray> normal =
                shape -> Nd4j.randn(DataType.FLOAT, shape).divi(Math.sqrt(width));
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("model.embed_tokens.weight", Nd4j.randn(DataType.FLOAT, vocabulary, width));
        addLayers(arrays, layers, width, normal);
        arrays.put("model.norm.weight", Nd4j.ones(DataType.FLOAT, width));
        arrays.put("lm_head.weight", Nd4j.randn(DataType.FLOAT, vocabulary, width));
        return model(arrays, vocabulary, width, layers);
    }

    /** A model of random weights whose head is its embedding. */
    public static CausalModel tied(int vocabulary, int width, int layers, int seed) {
        Nd4j.getRandom().setSeed(seed);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("model.embed_tokens.weight", Nd4j.randn(DataType.FLOAT, vocabulary, width));
        addLayers(arrays, layers, width, shape -> Nd4j.randn(DataType.FLOAT, shape)
                .divi(Math.sqrt(width)));
        arrays.put("model.norm.weight", Nd4j.ones(DataType.FLOAT, width));
        return model(arrays, vocabulary, width, layers, true);
    }

    private static void addLayers(
            Map<String, INDArray> arrays, int layers, int width, Function<long[], INDArray> matrix) {
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            arrays.put(layer + "input_layernorm.weight", Nd4j.ones(DataType.FLOAT, width));
            arrays.put(layer + "post_attention_layernorm.weight", Nd4j.ones(DataType.FLOAT, width));
            for (String projection : new String[] {"q", "k", "v"}) {
                arrays.put(
                        layer + "self_attn." + projection + "_proj.weight",
                        matrix.apply(new long[] {2 * HEAD_SIZE, width}));
            }
            arrays.put(layer + "self_attn.o_proj.weight", matrix.apply(new long[] {width, 2 * HEAD_SIZE}));
            arrays.put(layer + "mlp.gate_proj.weight", matrix.apply(new long[] {2L * width, width}));
            arrays.put(layer + "mlp.up_proj.weight", matrix.apply(new long[] {2L * width, width}));
            arrays.put(layer + "mlp.down_proj.weight", matrix.apply(new long[] {width, 2L * width}));
        }
    }

    private static CausalModel model(Map<String, INDArray> arrays, int vocabulary, int width, int layers) {
        return model(arrays, vocabulary, width, layers, false);
    }

    private static CausalModel model(
            Map<String, INDArray> arrays, int vocabulary, int width, int layers, boolean tied) {
        ModelConfig config = ModelConfig.of(ImmutableMap.<String, Object>builder()
                .put("model_type", "llama")
                .put("vocab_size", vocabulary)
                .put("hidden_size", width)
                .put("intermediate_size", 2 * width)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", 2)
                .put("head_dim", HEAD_SIZE)
                .put("rms_norm_eps", 0)
                .put("tie_word_embeddings", tied)
                .buildOrThrow());
        return CausalModel.of(config, InMemoryTensors.of(arrays));
    }
}
