package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.SpanWeights;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.Gradients;
import org.laco.stack.LayerRunner;
import org.laco.stack.LoadedLayer;
import org.laco.stack.PlannedTensors;
import org.laco.stack.Recording;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.ForwardingTensor;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A layer with experts is large: of those that are merged, as little as possible is held at once. */
class ExpertsMemoryTest {
    private static final int WIDTH = 32;
    private static final int INNER = 40;
    private static final int EXPERTS = 10;
    private static final int LAYERS = 4;

    private static final int MANY = 32;
    private static final int LARGE = 256;

    /** The arrays that tensors were read into, of which some are freed. */
    private static final class Held {
        private final List<INDArray> arrays = new ArrayList<>();
        private long most;

        synchronized void note(INDArray array) {
            arrays.removeIf(INDArray::wasClosed);
            arrays.add(array);
            most = Math.max(
                    most,
                    arrays.stream()
                            .mapToLong(each -> each.length() * Float.BYTES)
                            .sum());
        }
    }

    /** A tensor that notes what it is read into. */
    private record Watched(StoredTensor tensor, Held held) implements ForwardingTensor {
        @Override
        public void copyRows(long firstRow, INDArray destination) {
            held.note(destination);
            tensor.copyRows(firstRow, destination);
        }
    }

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
        return model(EXPERTS, INNER);
    }

    private static CausalModel model(int experts, int inner) {
        return CausalModel.of(config(experts, inner), tensors(experts, inner));
    }

    private static TensorSource tensors(int experts, int inner) {
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
            arrays.put(prefix + "mlp.gate.weight", random(experts, WIDTH));
            for (int i = 0; i < experts; i++) {
                String expert = prefix + "mlp.experts." + i + ".";
                arrays.put(expert + "gate_proj.weight", random(inner, WIDTH));
                arrays.put(expert + "up_proj.weight", random(inner, WIDTH));
                arrays.put(expert + "down_proj.weight", random(WIDTH, inner));
            }
        }
        return InMemoryTensors.of(arrays);
    }

    private static ModelConfig config(int experts, int inner) {
        return ModelConfig.of(ImmutableMap.<String, Object>builder()
                .put("model_type", "qwen3_moe")
                .put("vocab_size", 64)
                .put("hidden_size", WIDTH)
                .put("num_attention_heads", 4)
                .put("num_key_value_heads", 4)
                .put("head_dim", 8)
                .put("num_experts", experts)
                .put("num_experts_per_tok", Math.max(8, experts / 2))
                .put("moe_intermediate_size", inner)
                .put("num_hidden_layers", LAYERS)
                .put("tie_word_embeddings", true)
                .buildOrThrow());
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

    /** Runs a merge of layers of many experts, and returns how much of them was held at once. */
    private static long mostHeld(long bound, List<INDArray> outputs) {
        Held held = new Held();
        PlannedLayer merged = CollapsePlan.identity(LAYERS)
                .merge(0, LAYERS - 1, MergeRules.rdsc())
                .layers()
                .get(0);
        // Several texts, so that threads share them.
        Calibration text = Calibration.ofTokens(tokens(0), tokens(1), tokens(2), tokens(3));
        try (CausalModel model = model(MANY, LARGE);
                INDArray hidden = model.embed(text)) {
            ImmutableMap<String, LayerTensor> tensors = ImmutableMap.copyOf(Maps.transformEntries(
                    PlannedTensors.of(model, merged),
                    (name, tensor) -> name.contains(".experts.")
                            ? new LayerTensor(new Watched(tensor.tensor(), held), tensor.role())
                            : tensor));
            try (LayerWeights weights = LayerWeights.load(tensors, ArrayPool.unpooled(), bound)) {
                outputs.add(model.forward(0, weights, hidden, text.layout()));
            }
        }
        return held.most;
    }

    private static int[] tokens(int text) {
        return IntStream.range(0, 64).map(i -> (i + 7 * text) % 64).toArray();
    }

    @Test
    void aMergeOfManyExpertsHoldsAFewOfThemAndGivesTheSameBits() {
        long layer = (long) MANY * 3 * LARGE * WIDTH * Float.BYTES;
        List<INDArray> outputs = new ArrayList<>();

        // The calibration reaches all experts.
        assertThat(mostHeld(Long.MAX_VALUE, outputs)).isEqualTo(layer);
        assertThat(mostHeld(layer / 8, outputs)).isLessThanOrEqualTo(layer / 8);
        // One expert a thread, whatever the bound.
        assertThat(mostHeld(0, outputs))
                .isLessThanOrEqualTo(layer / MANY * Runtime.getRuntime().availableProcessors());

        assertThat(outputs.get(1)).isEqualTo(outputs.get(0));
        assertThat(outputs.get(2)).isEqualTo(outputs.get(0));
        outputs.forEach(INDArray::close);
    }

    @Test
    void aDerivativeThroughManyExpertsHoldsAFewOfThemAndGivesTheSameBits() {
        Calibration text = Calibration.ofTokens(tokens(0), tokens(1));
        List<INDArray> gradients = new ArrayList<>();
        try (CausalModel model = model(MANY, LARGE);
                INDArray hidden = model.embed(text);
                INDArray gradient = hidden.mul(0.5)) {
            for (long bound : new long[] {Long.MAX_VALUE, 0}) {
                try (LayerRunner runner = LayerRunner.of(model).holding(bound);
                        LoadedLayer layer = runner.load(SourceLayer.of(1));
                        Recording recording = layer.record(hidden, text.layout())) {
                    gradients.add(recording.backward(gradient, Gradients.none()));
                    assertThat(layer.weights().briefly().heldBytes()).isZero();
                }
            }
        }
        assertThat(gradients.get(1)).isEqualTo(gradients.get(0));
        gradients.forEach(INDArray::close);
    }

    /** A tensor whose expert is too large to be made here. */
    private record Large(StoredTensor tensor, int inner) implements ForwardingTensor {
        @Override
        public long[] shape() {
            return LongStream.of(tensor.shape())
                    .map(size -> size == 1 ? inner : size)
                    .toArray();
        }

        @Override
        public void copyRows(long firstRow, INDArray destination) {
            throw new AssertionError(name() + " is read");
        }
    }

    @Test
    void aSearchNeedsMemoryForNoMoreOfALayersExpertsThanItHolds() {
        int inner = 3_000_000;
        TensorSource small = tensors(16, 1);
        ImmutableMap<String, StoredTensor> experts = small.names().stream()
                .filter(name -> name.contains(".experts."))
                .collect(ImmutableMap.toImmutableMap(name -> name, name -> new Large(small.tensor(name), inner)));
        try (CausalModel model = CausalModel.of(config(16, inner), CollapsedTensors.replacing(small, experts))) {
            long others = model.tensors(0).entrySet().stream()
                    .filter(tensor -> !tensor.getKey().contains(".experts."))
                    .mapToLong(tensor -> tensor.getValue().tensor().length() * Float.BYTES)
                    .sum();
            assertThat(model.loadedBytes(0, true)).isEqualTo(others + LayerRunner.EXPERT_BYTES);
        }
    }
}
