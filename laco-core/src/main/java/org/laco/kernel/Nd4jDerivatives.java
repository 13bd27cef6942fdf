package org.laco.kernel;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jDerivatives implements Derivatives {
    private final Kernels kernels;

    Nd4jDerivatives(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void addTransposedProduct(INDArray a, INDArray b, INDArray sum) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void addColumnSums(INDArray gradient, INDArray sum) {
        throw new UnsupportedOperationException();
    }

    @Override
    public INDArray rmsNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, double offset, INDArray weightSum) {
        throw new UnsupportedOperationException();
    }

    @Override
    public INDArray layerNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, INDArray weightSum, INDArray biasSum) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void rotate(INDArray gradient, int headSize, RotaryTable table) {
        kernels.rotate(gradient, headSize, table.inverse());
    }

    @Override
    public AttentionGradients attention(
            INDArray gradient,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray weighted,
            AttentionSpec spec,
            SequenceLayout sequences) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void activate(Activation activation, INDArray x, INDArray gradient) {
        throw new UnsupportedOperationException();
    }

    @Override
    public INDArray gate(Activation activation, INDArray inner, INDArray gated, INDArray gradient) {
        throw new UnsupportedOperationException();
    }
}
