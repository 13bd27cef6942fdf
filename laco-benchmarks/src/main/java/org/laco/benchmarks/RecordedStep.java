package org.laco.benchmarks;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.laco.benchmarks.LayerDerivative.Sizes;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The step by laco's derivatives. */
final class RecordedStep implements LayerDerivative.Step {
    private static final int VOCABULARY = 8;

    private final CausalModel model;
    private final LayerWeights weights;
    private final INDArray x;
    private final INDArray gradient;
    private final ImmutableMap<String, INDArray> sums;
    private final SequenceLayout sequences = Matrices.sequences(LayerDerivative.ROWS, LayerDerivative.SEQUENCES);

    RecordedStep(Sizes sizes, Map<String, INDArray> arrays, INDArray x, INDArray gradient) {
        this.x = x;
        this.gradient = gradient;
        this.model = CausalModel.of(config(sizes), tensors(sizes, arrays));
        this.weights = LayerWeights.load(model.tensors(0));
        ImmutableMap.Builder<String, INDArray> zeros = ImmutableMap.builder();
        arrays.forEach((name, array) -> zeros.put(name + ".weight", Nd4j.zeros(DataType.FLOAT, array.shape())));
        this.sums = zeros.buildOrThrow();
    }

    private static ModelConfig config(Sizes sizes) {
        return ModelConfig.of(ImmutableMap.<String, Object>builder()
                .put("model_type", "llama")
                .put("vocab_size", VOCABULARY)
                .put("hidden_size", sizes.width())
                .put("intermediate_size", sizes.inner())
                .put("num_hidden_layers", 1)
                .put("num_attention_heads", sizes.heads())
                .put("num_key_value_heads", sizes.keyHeads())
                .put("rms_norm_eps", LayerDerivative.EPSILON)
                .put("tie_word_embeddings", true)
                .buildOrThrow());
    }

    private static InMemoryTensors tensors(Sizes sizes, Map<String, INDArray> arrays) {
        Map<String, INDArray> named = new LinkedHashMap<>();
        named.put("model.embed_tokens.weight", Matrices.random(VOCABULARY, sizes.width()));
        named.put("model.norm.weight", Matrices.random(sizes.width()));
        arrays.forEach((name, array) -> named.put("model.layers.0." + name + ".weight", array));
        return InMemoryTensors.of(named);
    }

    @Override
    public double[] run() {
        sums.values().forEach(sum -> sum.assign(0));
        try (Recording recording = model.record(0, weights, x, sequences);
                INDArray before = recording.backward(gradient, Gradients.of(sums))) {
            return new double[] {
                before.norm2Number().doubleValue(),
                sums.get("mlp.down_proj.weight").norm2Number().doubleValue()
            };
        }
    }

    @Override
    public void close() {
        weights.close();
        model.close();
    }
}
