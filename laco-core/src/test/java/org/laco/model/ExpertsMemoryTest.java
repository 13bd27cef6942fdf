package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.SpanWeights;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerRunner;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A layer with experts is large: of those that are merged, as little as possible is held at once. */
class ExpertsMemoryTest {
    private static final int WIDTH = 32;
    private static final int INNER = 40;
    private static final int EXPERTS = 10;
    private static final int LAYERS = 4;

    /** Merges as another rule does, and notes how much is merged at once and how many arrays of that size it takes. */
    private record Watching(MergeRule rule, AtomicLong largest, AtomicLong arrays) implements MergeRule {
        @Override
        public String name() {
            return rule.name();
        }

        @Override
        public void merge(SpanWeights weights, INDArray destination) {
            largest.accumulateAndGet(destination.length(), Math::max);
            AtomicLong taken = new AtomicLong();
            rule.merge(
                    new SpanWeights() {
                        @Override
                        public int count() {
                            return weights.count();
                        }

                        @Override
                        public void copyTo(int index, INDArray part) {
                            weights.copyTo(index, part);
                        }

                        @Override
                        public INDArray scratch() {
                            taken.incrementAndGet();
                            return weights.scratch();
                        }
                    },
                    destination);
            arrays.accumulateAndGet(taken.get(), Math::max);
        }
    }

    private static CausalModel model() {
        Nd4j.getRandom().setSeed(3);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("model.embed_tokens.weight", random(64, WIDTH));
        arrays.put("model.norm.weight", random(WIDTH));
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "model.layers." + layer + ".";
            arrays.put(prefix + "input_layernorm.weight", random(WIDTH));
            arrays.put(prefix + "post_attention_layernorm.weight", random(WIDTH));
            arrays.put(prefix + "self_attn.q_norm.weight", random(8));
            arrays.put(prefix + "self_attn.k_norm.weight", random(8));
            for (String map : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
                arrays.put(prefix + "self_attn." + map + ".weight", random(WIDTH, WIDTH));
            }
            arrays.put(prefix + "mlp.gate.weight", random(EXPERTS, WIDTH));
            for (int i = 0; i < EXPERTS; i++) {
                String expert = prefix + "mlp.experts." + i + ".";
                arrays.put(expert + "gate_proj.weight", random(INNER, WIDTH));
                arrays.put(expert + "up_proj.weight", random(INNER, WIDTH));
                arrays.put(expert + "down_proj.weight", random(WIDTH, INNER));
            }
        }
        return CausalModel.of(
                ModelConfig.of(ImmutableMap.<String, Object>builder()
                        .put("model_type", "qwen3_moe")
                        .put("vocab_size", 64)
                        .put("hidden_size", WIDTH)
                        .put("num_attention_heads", 4)
                        .put("num_key_value_heads", 4)
                        .put("head_dim", 8)
                        .put("num_experts", EXPERTS)
                        .put("num_experts_per_tok", 8)
                        .put("moe_intermediate_size", INNER)
                        .put("num_hidden_layers", LAYERS)
                        .put("tie_word_embeddings", true)
                        .buildOrThrow()),
                InMemoryTensors.of(arrays));
    }

    private static INDArray random(long... shape) {
        return Nd4j.randn(DataType.FLOAT, shape).muli(0.3);
    }

    @Test
    void aMergeOfExpertsHoldsAFewArraysOfOneExpertsSizeOfTheLayersThatItIsMadeOf() {
        AtomicLong largest = new AtomicLong();
        AtomicLong arrays = new AtomicLong();
        CollapsePlan plan =
                CollapsePlan.identity(LAYERS).merge(0, LAYERS - 1, new Watching(MergeRules.rdsc(), largest, arrays));
        Calibration text = Calibration.ofTokens(IntStream.range(0, 64).toArray());
        try (CausalModel model = model();
                LayerRunner runner = LayerRunner.of(model);
                INDArray out = runner.runAll(plan.layers(), model.embed(text), text.layout())) {
            assertThat(out.size(0)).isEqualTo(64);
            assertThat(largest.get()).isEqualTo((long) INNER * WIDTH);
            assertThat(arrays.get()).isBetween(1L, 3L);
        }
    }
}
