package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.HostFloats;
import org.laco.tensor.StoredTensor;
import org.laco.train.TrainedWeights.LowRank;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A weight {@code [m, n]} with an adapter: W + scale · left · right, where the right factor begins with random values and the left one
 * with zeros, so that the weight begins as it was.
 *
 * <p>The factors' gradients follow from the weight's: scale · dW · rightᵀ and scale · leftᵀ · dW.
 */
final class LowRankTensor implements TrainedTensor {
    private final INDArray initial;
    private final INDArray value;
    private final INDArray gradient;
    private final INDArray left;
    private final INDArray right;
    private final INDArray leftGradient;
    private final INDArray rightGradient;
    private final double scale;

    LowRankTensor(StoredTensor weight, LowRank form, SplittableRandom random) {
        checkArgument(
                weight.shape().length == 2,
                "tensor %s of shape %s can't have an adapter: it is no matrix",
                weight.name(),
                Arrays.toString(weight.shape()));
        this.initial = weight.load();
        this.value = initial.dup('c');
        this.gradient = Nd4j.zeros(DataType.FLOAT, weight.shape());
        this.scale = form.scale();
        long rows = weight.shape()[0];
        long columns = weight.shape()[1];
        this.left = Nd4j.zeros(DataType.FLOAT, rows, form.rank());
        this.right = Nd4j.zeros(DataType.FLOAT, form.rank(), columns);
        this.leftGradient = Nd4j.zeros(DataType.FLOAT, rows, form.rank());
        this.rightGradient = Nd4j.zeros(DataType.FLOAT, form.rank(), columns);
        fill(right, 1 / Math.sqrt(columns), random);
    }

    /** Uniform within the inverse root of the number of inputs, as linear maps are usually begun. */
    private static void fill(INDArray factor, double bound, SplittableRandom random) {
        float[] values = new float[Math.toIntExact(factor.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        HostFloats.of(factor).put(0, values, values.length);
    }

    /** Copies of the factors as they are now. */
    TrainedAdapter named(String weight) {
        return new TrainedAdapter(
                weight,
                ArrayTensor.of(weight + " left", left.dup('c')),
                ArrayTensor.of(weight + " right", right.dup('c')));
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
        return ImmutableList.of(left, right);
    }

    @Override
    public ImmutableList<INDArray> parameterGradients() {
        try (INDArray byLeft = gradient.mmul(right.transpose());
                INDArray byRight = left.transpose().mmul(gradient)) {
            leftGradient.assign(byLeft).muli(scale);
            rightGradient.assign(byRight).muli(scale);
        }
        return ImmutableList.of(leftGradient, rightGradient);
    }

    @Override
    public void update() {
        try (INDArray change = left.mmul(right)) {
            value.assign(change).muli(scale).addi(initial);
        }
    }

    @Override
    public void close() {
        ImmutableList.of(initial, value, gradient, left, right, leftGradient, rightGradient)
                .forEach(INDArray::close);
    }
}
