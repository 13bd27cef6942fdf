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
 * A forward pass of one layer of Qwen 3.5 with a gated delta net. {@code laco-examples/benchmarks/delta_net.py} does the same in PyTorch.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class DeltaNetBenchmark {
    private static final int VOCABULARY = 64;
    private static final int HEAD = 128;

    /** Who computes. */
    @Param({"ONEDNN", "ND4J"})
    public Arithmetic arithmetic;

    /** Rows and the number of sequences that they are divided into. */
    @Param({"512x1", "512x8"})
    public String sequences;

    /** Width, inner width, key heads and value heads: Qwen 3.5 0.8B's. */
    @Param("1024x3584x16x16")
    public String sizes;

    private OneLayer layer;

    /** Makes a model of one layer. */
    @Setup
    public void make() {
        int[] of = Matrices.numbers(sizes);
        layer = new OneLayer(arithmetic, config(of), tensors(of), sequences);
    }

    private static ModelConfig config(int[] of) {
        return ModelConfig.of(ImmutableMap.<String, Object>builder()
                .put("model_type", "qwen3_5_text")
                .put("vocab_size", VOCABULARY)
                .put("hidden_size", of[0])
                .put("intermediate_size", of[1])
                .put("linear_num_key_heads", of[2])
                .put("linear_num_value_heads", of[3])
                .put("num_hidden_layers", 1)
                .put("tie_word_embeddings", true)
                .buildOrThrow());
    }

    private static InMemoryTensors tensors(int[] of) {
        int keys = of[2] * HEAD;
        int values = of[3] * HEAD;
        int mixed = 2 * keys + values;
        Map<String, INDArray> named = new LinkedHashMap<>();
        named.put("model.embed_tokens.weight", Matrices.random(VOCABULARY, of[0]));
        named.put("model.norm.weight", Matrices.random(of[0]));
        String layer = "model.layers.0.";
        named.put(layer + "input_layernorm.weight", Matrices.random(of[0]));
        named.put(layer + "post_attention_layernorm.weight", Matrices.random(of[0]));
        named.put(layer + "linear_attn.in_proj_qkv.weight", Matrices.random(mixed, of[0]));
        named.put(layer + "linear_attn.in_proj_z.weight", Matrices.random(values, of[0]));
        named.put(layer + "linear_attn.in_proj_a.weight", Matrices.random(of[3], of[0]));
        named.put(layer + "linear_attn.in_proj_b.weight", Matrices.random(of[3], of[0]));
        named.put(layer + "linear_attn.conv1d.weight", Matrices.random(mixed, 1, 4));
        named.put(layer + "linear_attn.A_log", Matrices.random(of[3]));
        named.put(layer + "linear_attn.dt_bias", Matrices.random(of[3]));
        named.put(layer + "linear_attn.norm.weight", Matrices.random(HEAD));
        named.put(layer + "linear_attn.out_proj.weight", Matrices.random(of[0], values));
        named.put(layer + "mlp.gate_proj.weight", Matrices.random(of[1], of[0]));
        named.put(layer + "mlp.up_proj.weight", Matrices.random(of[1], of[0]));
        named.put(layer + "mlp.down_proj.weight", Matrices.random(of[0], of[1]));
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
