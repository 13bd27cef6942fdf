package org.laco.kernel;

import java.util.Optional;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The operations by ND4J alone, so that they run on whatever backend it has. */
public final class Nd4jKernels implements Kernels {
    private final MatrixProduct product;
    private final Precision precision;

    /** Makes the operations in float32. */
    public Nd4jKernels() {
        this(new BlasProduct(), Precision.FLOAT32);
    }

    private Nd4jKernels(MatrixProduct product, Precision precision) {
        this.product = product;
        this.precision = precision;
    }

    @Override
    public String name() {
        return "ND4J " + Nd4j.getBackend().getClass().getSimpleName();
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Optional<Kernels> in(Precision wanted) {
        return product.in(wanted).map(other -> new Nd4jKernels(other, wanted));
    }

    @Override
    public DataType weightType(DataType stored) {
        return product.weightType(stored);
    }

    @Override
    public INDArray linear(INDArray x, INDArray weight, INDArray bias) {
        INDArray out = matrix(x.size(0), weight.size(0));
        product.multiply(x, weight, false, out);
        return bias == null ? out : out.addiRowVector(bias);
    }

    @Override
    public INDArray linearTransposed(INDArray x, INDArray weight, INDArray bias) {
        INDArray out = matrix(x.size(0), weight.size(1));
        product.multiply(x, weight, true, out);
        return bias == null ? out : out.addiRowVector(bias);
    }

    @Override
    public INDArray rmsNorm(INDArray x, INDArray weight, double epsilon, double offset) {
        long group = weight.length();
        INDArray out = x.dup('c');
        INDArray rows = out.reshape('c', out.length() / group, group);
        try (INDArray squares = rows.mul(rows);
                INDArray scale = squares.mean(1)) {
            Transforms.pow(Transforms.sqrt(scale.addi(epsilon), false), -1, false);
            rows.muliColumnVector(scale.reshape(scale.length(), 1));
        }
        if (offset == 0) {
            rows.muliRowVector(weight);
        } else {
            try (INDArray shifted = weight.add(offset)) {
                rows.muliRowVector(shifted);
            }
        }
        return out;
    }

    @Override
    public INDArray layerNorm(INDArray x, INDArray weight, INDArray bias, double epsilon) {
        INDArray out;
        try (INDArray mean = x.mean(1)) {
            out = x.subColumnVector(mean.reshape(mean.length(), 1));
        }
        try (INDArray squares = out.mul(out);
                INDArray scale = squares.mean(1)) {
            Transforms.pow(Transforms.sqrt(scale.addi(epsilon), false), -1, false);
            out.muliColumnVector(scale.reshape(scale.length(), 1));
        }
        if (weight != null) {
            out.muliRowVector(weight);
        }
        return bias == null ? out : out.addiRowVector(bias);
    }

    @Override
    public void rotate(INDArray x, int headSize, RotaryTable table) {
        int rows = table.rows();
        int pairs = table.pairs();
        INDArray heads = x.reshape('c', rows, x.size(1) / headSize, headSize);
        // One pair is the same either way, and ND4J refuses an interval with a stride that holds one element.
        boolean interleaved = table.interleaved() && pairs > 1;
        INDArray first = interleaved ? every(heads, 0, 2 * pairs) : span(heads, 0, pairs);
        INDArray second = interleaved ? every(heads, 1, 2 * pairs) : span(heads, pairs, 2 * pairs);
        try (INDArray cosines = angles(table.cosines(), rows, pairs);
                INDArray sines = angles(table.sines(), rows, pairs);
                INDArray turned = first.mul(sines);
                INDArray crossed = second.mul(sines);
                INDArray newFirst = first.mul(cosines);
                INDArray newSecond = second.mul(cosines)) {
            first.assign(newFirst.subi(crossed));
            second.assign(newSecond.addi(turned));
        }
    }

    private static INDArray angles(float[] values, int rows, int pairs) {
        return Nd4j.createFromArray(values).reshape('c', rows, 1, pairs);
    }

    private static INDArray span(INDArray heads, int from, int to) {
        return heads.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    private static INDArray every(INDArray heads, int from, int to) {
        return heads.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(from, 2, to));
    }

    @Override
    public INDArray attention(
            INDArray queries, INDArray keys, INDArray values, AttentionSpec spec, SequenceLayout sequences) {
        return new BatchedAttention(spec, sequences).compute(queries, keys, values);
    }

    @Override
    public void activate(Activation activation, INDArray x) {
        Nd4jActivations.apply(activation, x);
    }

    @Override
    public INDArray gather(INDArray x, int[] rows) {
        return Nd4j.pullRows(x, 1, rows);
    }

    @Override
    public void scatterAdd(INDArray sum, int[] rows, INDArray x, float[] scales) {
        new HostRows(sum).addScaled(rows, x, scales);
    }

    @Override
    public void gate(Activation activation, INDArray inner, INDArray gated) {
        activate(activation, inner);
        inner.muli(gated);
    }

    @Override
    public void add(INDArray sum, INDArray x) {
        sum.addi(x);
    }
}
