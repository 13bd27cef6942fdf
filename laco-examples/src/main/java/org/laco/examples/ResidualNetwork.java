package org.laco.examples;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A network that is no language model, made collapsible: layers that add tanh(x Wᵀ + b) to their input x.
 *
 * <pre>{@code
 * ResidualNetwork network = ResidualNetwork.random(8, 16, 42);
 * LayerCollapse.builder()
 *         .layersPerMerge(2)
 *         .threshold(0.9)
 *         .calibration(Calibration.ofFeatures(rows))
 *         .build()
 *         .apply(network);
 * }</pre>
 */
public final class ResidualNetwork implements LayerStack {
    private final ImmutableList<ImmutableMap<String, LayerTensor>> layers;

    private ResidualNetwork(ImmutableList<ImmutableMap<String, LayerTensor>> layers) {
        this.layers = layers;
    }

    @Override
    public int layerCount() {
        return layers.size();
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return layers.get(layer);
    }

    @Override
    public INDArray embed(Calibration calibration) {
        INDArray[] sequences = IntStream.range(0, calibration.layout().count())
                .mapToObj(calibration::features)
                .toArray(INDArray[]::new);
        // A concatenation of one array is that array, and the result has to be a new one.
        return Nd4j.concat(0, sequences).dup('c');
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        try (INDArray product = hidden.mmul(weights.array("weight").transpose());
                INDArray branch = Transforms.tanh(product.addiRowVector(weights.array("bias")))) {
            return hidden.add(branch);
        }
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return hidden.dup('c');
    }

    /**
     * Makes a network whose upper layers do little, as in large language models.
     *
     * @param depth the number of layers
     * @param width the number of features
     * @param seed makes the weights reproducible
     * @return the network
     */
    public static ResidualNetwork random(int depth, int width, long seed) {
        ImmutableList.Builder<ImmutableMap<String, LayerTensor>> layers = ImmutableList.builder();
        for (int i = 0; i < depth; i++) {
            double scale = 1.0 / (Math.sqrt(width) * (1 + i));
            INDArray weight = Nd4j.randn(
                            0,
                            scale,
                            new long[] {width, width},
                            Nd4j.getRandomFactory().getNewRandomInstance(seed + i))
                    .castTo(DataType.FLOAT);
            INDArray bias = Nd4j.zeros(DataType.FLOAT, width);
            layers.add(ImmutableMap.of(
                    "weight", new LayerTensor(ArrayTensor.of("layers." + i + ".weight", weight), TensorRole.LINEAR),
                    "bias", new LayerTensor(ArrayTensor.of("layers." + i + ".bias", bias), TensorRole.BIAS)));
        }
        return new ResidualNetwork(layers.build());
    }
}
