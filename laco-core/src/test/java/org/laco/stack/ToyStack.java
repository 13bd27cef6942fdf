package org.laco.stack;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collections;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A stack of residual linear layers, {@code x + s · x · wᵀ} with s = 1 by default, small enough to be worked out by hand. */
public final class ToyStack implements LayerStack, Fittable {
    private final ImmutableList<INDArray> weights;
    private final ImmutableList<String> kinds;
    private final double scale;

    private ToyStack(ImmutableList<INDArray> weights, ImmutableList<String> kinds, double scale) {
        this.weights = weights;
        this.kinds = kinds;
        this.scale = scale;
    }

    /** Makes a stack of two-dimensional layers that turn the input by small angles, each other than the one before. */
    public static ToyStack ofLayers(int layers) {
        float[] tangents = new float[layers];
        for (int i = 0; i < layers; i++) {
            tangents[i] = 0.05f * (i + 1);
        }
        return ofTangents(tangents);
    }

    /** Makes a stack of two-dimensional layers that turn every input by given angles, so that those of dropped layers add up. */
    public static ToyStack turning(double... angles) {
        float[] tangents = new float[angles.length];
        for (int i = 0; i < angles.length; i++) {
            tangents[i] = (float) Math.tan(angles[i]);
        }
        return ofTangents(tangents);
    }

    private static ToyStack ofTangents(float... tangents) {
        ImmutableList.Builder<INDArray> weights = ImmutableList.builder();
        for (float tangent : tangents) {
            weights.add(Nd4j.createFromArray(new float[][] {{0, -tangent}, {tangent, 0}}));
        }
        return new ToyStack(weights.build(), ImmutableList.copyOf(Collections.nCopies(tangents.length, "plain")), 1);
    }

    /** Returns this stack with the kinds of its layers named. */
    public ToyStack withKinds(String... names) {
        return new ToyStack(weights, ImmutableList.copyOf(names), scale);
    }

    /** Returns this stack with the weights of one layer replaced. */
    public ToyStack withWeight(int layer, float[][] weight) {
        ImmutableList.Builder<INDArray> replaced = ImmutableList.builder();
        for (int i = 0; i < weights.size(); i++) {
            replaced.add(i == layer ? Nd4j.createFromArray(weight) : weights.get(i));
        }
        return new ToyStack(replaced.build(), kinds, scale);
    }

    /** Returns this stack with another factor with which its maps' outputs are added. */
    public ToyStack withScale(double factor) {
        return new ToyStack(weights, kinds, factor);
    }

    @Override
    public int layerCount() {
        return weights.size();
    }

    @Override
    public ImmutableMap<String, String> properties(int layer) {
        return ImmutableMap.of("kind", kinds.get(layer));
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return ImmutableMap.of(
                "weight",
                new LayerTensor(ArrayTensor.of("layers." + layer + ".weight", weights.get(layer)), TensorRole.LINEAR));
    }

    @Override
    public INDArray embed(Calibration calibration) {
        INDArray[] rows = new INDArray[calibration.layout().count()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = calibration.features(i);
        }
        // One row block is returned as it is, so that it must be copied.
        return Nd4j.vstack(rows).dup('c');
    }

    @Override
    public INDArray forward(int layer, LayerWeights loaded, INDArray hidden, SequenceLayout sequences) {
        return hidden.mmul(loaded.array("weight").transpose())
                .muli(scale)
                .addi(hidden)
                .dup('c');
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return hidden.dup('c');
    }

    @Override
    public OutputMap outputMap(int layer) {
        return new OutputMap("weight", false, scale);
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights loaded, INDArray hidden, SequenceLayout sequences) {
        return new TracedOutput(hidden.dup('c'), forward(layer, loaded, hidden, sequences));
    }
}
