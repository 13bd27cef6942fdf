package org.laco.measure;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.stack.LayerStack;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;

/**
 * How similar the weights of layers are: the cosine of the linear weights of the same name, flattened.
 *
 * <pre>{@code
 * ParameterSimilarity similarity = ParameterSimilarity.measure(model, MeasureSettings.defaults());
 * similarity.byName().get("mlp.down_proj.weight").get(3, 4);   // 0.02
 * }</pre>
 *
 * @param all the cosine over all linear weights that two layers have in common
 * @param byName the cosine of each weight by its name within the layer; NaN where one of the layers doesn't have it in that shape
 */
public record ParameterSimilarity(LayerMatrix all, ImmutableMap<String, LayerMatrix> byName) {
    /**
     * Measures a model, reading each weight once.
     *
     * @param stack the model
     * @param settings who is told of the progress
     * @return the similarities
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static ParameterSimilarity measure(LayerStack stack, MeasureSettings settings) {
        int layers = stack.layerCount();
        Map<String, StoredTensor[]> weights = new LinkedHashMap<>();
        double elements = 0;
        for (int i = 0; i < layers; i++) {
            int layer = i;
            stack.tensors(layer).forEach((name, tensor) -> {
                if (tensor.role() == TensorRole.LINEAR) {
                    weights.computeIfAbsent(name, missing -> new StoredTensor[layers])[layer] = tensor.tensor();
                }
            });
            elements += stack.tensors(layer).values().stream()
                    .filter(tensor -> tensor.role() == TensorRole.LINEAR)
                    .mapToLong(tensor -> tensor.tensor().length())
                    .sum();
        }
        Progress progress = new Progress(settings.listener(), elements);
        WeightProducts total = new WeightProducts(layers);
        ImmutableMap.Builder<String, LayerMatrix> byName = ImmutableMap.builder();
        weights.forEach((name, tensors) -> {
            WeightProducts products = new WeightProducts(layers);
            for (List<Integer> alike : ofOneShape(tensors)) {
                products.add(tensors, alike, progress);
            }
            byName.put(name, products.cosines());
            total.add(products);
        });
        return new ParameterSimilarity(total.cosines(), byName.buildOrThrow());
    }

    /** Groups the layers that have a tensor by its shape. */
    private static Iterable<List<Integer>> ofOneShape(StoredTensor[] tensors) {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int layer = 0; layer < tensors.length; layer++) {
            if (tensors[layer] != null) {
                groups.computeIfAbsent(Arrays.toString(tensors[layer].shape()), shape -> new ArrayList<>())
                        .add(layer);
            }
        }
        return groups.values();
    }
}
