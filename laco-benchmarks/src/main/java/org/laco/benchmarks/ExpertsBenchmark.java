package org.laco.benchmarks;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A forward pass of one layer of Qwen 3 MoE with experts, whose weights are in memory. {@code laco-examples/benchmarks/experts.py} does the
 * same in PyTorch.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ExpertsBenchmark {
    private static final int VOCABULARY = 64;
    private static final int HEAD = 128;

    /** Who computes. */
    @Param({"ONEDNN", "ND4J"})
    public Arithmetic arithmetic;

    /** Rows and the number of sequences that they are divided into. */
    @Param({"512x1", "512x8"})
    public String sequences;

    /** Width, experts, an expert's inner width and how many a row goes through: Granite 3 1B-A400M's and OLMoE 1B-7B's. */
    @Param({"1024x32x512x8", "2048x64x1024x8"})
    public String sizes;

    private OneLayer layer;

    /** Makes a model of one layer. */
    @Setup
    public void make() {
        int[] of = Matrices.numbers(sizes);
        layer = new OneLayer(arithmetic, config(of), tensors(of), sequences);
    }

    private static ModelConfig config(int[] of) {
        int heads = of[0] / HEAD;
        return ModelConfig.of(ImmutableMap.<String, Object>builder()
                .put("model_type", "qwen3_moe")
                .put("vocab_size", VOCABULARY)
                .put("hidden_size", of[0])
                .put("head_dim", HEAD)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", heads)
                .put("num_experts", of[1])
                .put("moe_intermediate_size", of[2])
                .put("num_experts_per_tok", of[3])
                .put("norm_topk_prob", true)
                .put("num_hidden_layers", 1)
                .put("tie_word_embeddings", true)
                .buildOrThrow());
    }

    private static InMemoryTensors tensors(int[] of) {
        Map<String, INDArray> named = new LinkedHashMap<>();
        named.put("model.embed_tokens.weight", Matrices.random(VOCABULARY, of[0]));
        named.put("model.norm.weight", Matrices.random(of[0]));
        String layer = "model.layers.0.";
        named.put(layer + "input_layernorm.weight", Matrices.random(of[0]));
        named.put(layer + "post_attention_layernorm.weight", Matrices.random(of[0]));
        named.put(layer + "self_attn.q_norm.weight", Matrices.random(HEAD));
        named.put(layer + "self_attn.k_norm.weight", Matrices.random(HEAD));
        for (String map : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
            named.put(layer + "self_attn." + map + ".weight", Matrices.random(of[0], of[0]));
        }
        named.put(layer + "mlp.gate.weight", Matrices.random(of[1], of[0]));
        for (int i = 0; i < of[1]; i++) {
            String expert = layer + "mlp.experts." + i + ".";
            named.put(expert + "gate_proj.weight", Matrices.random(of[2], of[0]));
            named.put(expert + "up_proj.weight", Matrices.random(of[2], of[0]));
            named.put(expert + "down_proj.weight", Matrices.random(of[0], of[2]));
        }
        return InMemoryTensors.of(named);
    }

    /**
     * Runs the layer.
     *
     * @return the result's place, which is used again
     */
    @Benchmark
    public INDArray layer() {
        return layer.forward();
    }

    /** Frees the model. */
    @TearDown
    public void free() {
        layer.close();
    }
}
