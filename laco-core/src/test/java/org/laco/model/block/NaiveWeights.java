package org.laco.model.block;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tensors that a block declares, of random float32 values, in float64. */
final class NaiveWeights {
    private final Map<String, TensorDeclaration> declared = new LinkedHashMap<>();
    private final Map<String, double[]> values = new LinkedHashMap<>();

    /** Draws matrices that keep the size of what they multiply, and vectors near a half. */
    NaiveWeights(Block block, Random random) {
        block.declare(tensor -> {
            declared.put(tensor.name(), tensor);
            int length = 1;
            for (long size : tensor.shape().toArray()) {
                length *= (int) size;
            }
            boolean matrix = tensor.shape().length() > 1;
            double spread = matrix ? 1 / Math.sqrt(tensor.shape().get(0)) : 0.3;
            values.put(tensor.name(), floats(length, random, spread, matrix ? 0 : 0.5));
        });
    }

    /** Random numbers that a float32 holds exactly. */
    static double[] floats(int count, Random random, double spread, double mean) {
        return random.doubles(count, -1, 1)
                .map(x -> (float) (Math.sqrt(3) * spread * x + mean))
                .toArray();
    }

    Iterable<String> names() {
        return values.keySet();
    }

    /** The elements of a tensor, row by row, which may be changed. */
    double[] values(String name) {
        return requireNonNull(values.get(name), name);
    }

    INDArray array(String name) {
        long[] shape = declared.get(name).shape().toArray();
        return floats(values(name)).reshape('c', shape);
    }

    private static INDArray floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Nd4j.createFromArray(floats);
    }

    LayerWeights load() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        names().forEach(name -> arrays.put(name, array(name)));
        InMemoryTensors tensors = InMemoryTensors.of(arrays);
        ImmutableMap.Builder<String, LayerTensor> layer = ImmutableMap.builder();
        declared.forEach((name, tensor) -> layer.put(name, new LayerTensor(tensors.tensor(name), tensor.role())));
        return LayerWeights.load(layer.buildOrThrow());
    }
}
