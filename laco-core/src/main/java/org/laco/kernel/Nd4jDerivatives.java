package org.laco.kernel;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Derivatives by ND4J's operations, so that they run on whatever backend it has. */
final class Nd4jDerivatives implements Derivatives {
    private final Kernels kernels;

    Nd4jDerivatives(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void addTransposedProduct(INDArray a, INDArray b, INDArray sum) {
        try (INDArray transposed = a.transpose().dup('c')) {
            INDArray product = kernels.linearTransposed(transposed, b, null);
            sum.addi(product);
            kernels.release(product);
        }
    }

    @Override
    public void addColumnSums(INDArray gradient, INDArray sum) {
        try (INDArray sums = gradient.sum(0)) {
            sum.addi(sums);
        }
    }

    @Override
    public INDArray rmsNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, double offset, INDArray weightSum) {
        INDArray groups = groups(x, weight.length());
        try (INDArray unit = groups.dup('c');
                INDArray factors = weight.add(offset)) {
            try (INDArray scale = scaleToUnit(unit, epsilon)) {
                INDArray passed = groups(gradient, weight.length());
                addProducts(passed, unit, weightSum);
                INDArray out = passed.mulRowVector(factors);
                subtractAlong(unit, out);
                return out.muliColumnVector(scale).reshape('c', x.shape());
            }
        }
    }

    @Override
    public INDArray layerNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, INDArray weightSum, INDArray biasSum) {
        try (INDArray mean = x.mean(true, 1);
                INDArray unit = x.subColumnVector(mean);
                INDArray scale = scaleToUnit(unit, epsilon)) {
            addProducts(gradient, unit, weightSum);
            if (biasSum != null) {
                addColumnSums(gradient, biasSum);
            }
            INDArray out = weight == null ? gradient.dup('c') : gradient.mulRowVector(weight);
            subtractAlong(unit, out);
            try (INDArray total = out.mean(true, 1)) {
                out.subiColumnVector(total);
            }
            return out.muliColumnVector(scale);
        }
    }

    private static INDArray groups(INDArray x, long width) {
        return x.reshape('c', x.length() / width, width);
    }

    /** Scales each row to a root mean square of almost 1, and returns the factors as a column. */
    private static INDArray scaleToUnit(INDArray rows, double epsilon) {
        try (INDArray squares = rows.mul(rows)) {
            INDArray scale = squares.mean(true, 1).addi(epsilon);
            Transforms.pow(Transforms.sqrt(scale, false), -1, false);
            rows.muliColumnVector(scale);
            return scale;
        }
    }

    private static void addProducts(INDArray gradient, INDArray unit, INDArray sum) {
        if (sum != null) {
            try (INDArray products = gradient.mul(unit);
                    INDArray sums = products.sum(0)) {
                sum.addi(sums);
            }
        }
    }

    /** Takes from each row what would change the length of the unit row. */
    private static void subtractAlong(INDArray unit, INDArray gradient) {
        try (INDArray products = gradient.mul(unit);
                INDArray mean = products.mean(true, 1);
                INDArray along = unit.mulColumnVector(mean)) {
            gradient.subi(along);
        }
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
        return new BatchedAttention(spec, sequences).derivative(gradient, queries, keys, values, weighted);
    }

    @Override
    public void activate(Activation activation, INDArray x, INDArray gradient) {
        try (INDArray slopes = new Nd4jSlopes(activation).at(x)) {
            gradient.muli(slopes);
        }
    }

    @Override
    public INDArray gate(Activation activation, INDArray inner, INDArray gated, INDArray gradient) {
        INDArray gatedGradient = kernels.copy(inner);
        kernels.gate(activation, gatedGradient, gradient);
        gradient.muli(gated);
        activate(activation, inner, gradient);
        return gatedGradient;
    }
}
