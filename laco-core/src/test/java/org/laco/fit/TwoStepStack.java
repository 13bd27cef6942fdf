package org.laco.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;
import org.laco.stack.TracedOutput;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers of two residual linear steps, {@code y = x + x · aᵀ} and {@code y + y · bᵀ}. */
record TwoStepStack(ImmutableList<INDArray> first, ImmutableList<INDArray> second) implements LayerStack, Fittable {
    private static final OutputMap A = new OutputMap("a", false, 1);
    private static final OutputMap B = new OutputMap("b", false, 1);

    static TwoStepStack ofLayers(int layers, int width) {
        ImmutableList.Builder<INDArray> first = ImmutableList.builder();
        ImmutableList.Builder<INDArray> second = ImmutableList.builder();
        for (int i = 0; i < layers; i++) {
            first.add(Nd4j.randn(100L + i, new long[] {width, width}).muli(0.2));
            second.add(Nd4j.randn(200L + i, new long[] {width, width}).muli(0.2));
        }
        return new TwoStepStack(first.build(), second.build());
    }

    static INDArray step(INDArray x, INDArray weight) {
        return x.mmul(weight.transpose()).addi(x).dup('c');
    }

    @Override
    public int layerCount() {
        return first.size();
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return ImmutableMap.of(
                "a", new LayerTensor(ArrayTensor.of(layer + ".a", first.get(layer)), TensorRole.LINEAR),
                "b", new LayerTensor(ArrayTensor.of(layer + ".b", second.get(layer)), TensorRole.LINEAR));
    }

    @Override
    public INDArray embed(Calibration calibration) {
        INDArray[] rows = new INDArray[calibration.layout().count()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = calibration.features(i);
        }
        return Nd4j.vstack(rows).dup('c');
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return step(step(hidden, weights.array("a")), weights.array("b"));
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return hidden.dup('c');
    }

    @Override
    public OutputMap outputMap(int layer) {
        return B;
    }

    @Override
    public ImmutableList<OutputMap> stepMaps(int layer) {
        return ImmutableList.of(A, B);
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        INDArray between = step(hidden, weights.array("a"));
        return map.equals(A)
                ? new TracedOutput(hidden.dup('c'), between)
                : new TracedOutput(between, step(between, weights.array("b")));
    }
}
