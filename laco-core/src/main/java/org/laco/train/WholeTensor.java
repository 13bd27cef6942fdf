package org.laco.train;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A weight all of whose elements are trained. */
final class WholeTensor implements TrainedTensor {
    private final INDArray value;
    private final INDArray gradient;

    WholeTensor(StoredTensor initial) {
        this.value = initial.load();
        this.gradient = Nd4j.zeros(DataType.FLOAT, initial.shape());
    }

    @Override
    public INDArray value() {
        return value;
    }

    @Override
    public INDArray gradient() {
        return gradient;
    }

    @Override
    public ImmutableList<INDArray> parameters() {
        return ImmutableList.of(value);
    }

    @Override
    public ImmutableList<INDArray> parameterGradients() {
        return ImmutableList.of(gradient);
    }

    @Override
    public void update() {}

    @Override
    public void close() {
        value.close();
        gradient.close();
    }
}
