package org.laco.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The derivatives of {@link Activation}s by ND4J's operations. */
final class Nd4jSlopes {
    private final Activation activation;

    Nd4jSlopes(Activation activation) {
        this.activation = activation;
    }

    /** Returns the derivative at each element, a new array. */
    INDArray at(INDArray x) {
        return switch (activation) {
            case SILU -> swish(x, 1);
            case GELU_QUICK -> swish(x, ElementFunction.QUICK_FACTOR);
            case GELU -> gelu(x);
            case GELU_TANH -> geluTanh(x);
            case GELU_CLIPPED -> below(ElementFunction.GELU_LIMIT, x, gelu(x));
            case RELU -> step(x);
            case RELU_SQUARED -> Transforms.relu(x, true).muli(2);
            case RELU_6 -> below(6, x, step(x));
            case LEAKY_RELU -> step(x).muli(1 - ElementFunction.LEAK).addi(ElementFunction.LEAK);
            case HARD_SWISH -> hardSwish(x);
            case MISH -> mish(x);
            case LAPLACE -> laplace(x);
            case SQRT_SOFTPLUS -> sqrtSoftplus(x);
            case SIGMOID -> sigmoid(x);
            case TANH -> tanh(x);
            case LINEAR -> x.ulike().assign(1);
        };
    }

    /** 1 above 0, else 0. */
    private static INDArray step(INDArray x) {
        return Nd4j.exec(new Step(x, x.ulike()));
    }

    /** Returns slopes with 0 where x reaches a limit. */
    private static INDArray below(double limit, INDArray x, INDArray slopes) {
        try (INDArray room = x.rsub(limit);
                INDArray within = step(room)) {
            return slopes.muli(within);
        }
    }

    /** With s = sigmoid(factor · x): s · (1 + factor · x · (1 − s)). */
    private static INDArray swish(INDArray x, double factor) {
        INDArray share = Transforms.sigmoid(x.mul(factor), false);
        try (INDArray rest = share.rsub(1)) {
            return share.muli(rest.muli(x).muli(factor).addi(1));
        }
    }

    /** Φ(x) + x · φ(x). */
    private static INDArray gelu(INDArray x) {
        try (INDArray density = x.mul(x).muli(-0.5)) {
            Transforms.exp(density, false).muli(x).divi(Math.sqrt(2 * Math.PI));
            INDArray normal = x.mul(Math.sqrt(0.5));
            Nd4j.exec(new Erf(normal, normal));
            return normal.addi(1).muli(0.5).addi(density);
        }
    }

    /** With t = tanh(u(x)): (1 + t) / 2 + x/2 · (1 − t²) · u′(x). */
    private static INDArray geluTanh(INDArray x) {
        try (INDArray squares = x.mul(x);
                INDArray inner = squares.mul(Slopes.GELU_CUBE).addi(1).muli(x).muli(Slopes.GELU_FACTOR)) {
            Transforms.tanh(inner, false);
            INDArray slope = squares.mul(3 * Slopes.GELU_CUBE * Slopes.GELU_FACTOR)
                    .addi(Slopes.GELU_FACTOR)
                    .muli(x);
            try (INDArray rest = inner.mul(inner).rsubi(1)) {
                return slope.muli(rest).addi(inner).addi(1).muli(0.5);
            }
        }
    }

    /** (2x + 3) / 6 between −3 and 3, 1 above. */
    private static INDArray hardSwish(INDArray x) {
        try (INDArray high = x.sub(3);
                INDArray above = step(high);
                INDArray low = x.add(3);
                INDArray between = below(3, x, step(low))) {
            return x.mul(2).addi(3).divi(6).muli(between).addi(above);
        }
    }

    /** With t = tanh(softplus(x)): t + x · (1 − t²) · sigmoid(x). */
    private static INDArray mish(INDArray x) {
        try (INDArray softplus = Nd4jActivations.softplus(x);
                INDArray share = Transforms.tanh(softplus, true)) {
            INDArray slope = Transforms.sigmoid(x, true).muli(x);
            try (INDArray rest = share.mul(share).rsubi(1)) {
                return slope.muli(rest).addi(share);
            }
        }
    }

    /** The normal density of the function's mean and deviation. */
    private static INDArray laplace(INDArray x) {
        INDArray place = x.sub(ElementFunction.LAPLACE_MEAN).divi(ElementFunction.LAPLACE_DEVIATION * Math.sqrt(2));
        Transforms.exp(place.muli(place).negi(), false);
        return place.divi(ElementFunction.LAPLACE_DEVIATION * Math.sqrt(2 * Math.PI));
    }

    /** sigmoid(x) / (2 √softplus(x)). */
    private static INDArray sqrtSoftplus(INDArray x) {
        try (INDArray root = Transforms.sqrt(Nd4jActivations.softplus(x), false)) {
            return Transforms.sigmoid(x, true).divi(root).muli(0.5);
        }
    }

    /** With s = sigmoid(x): s · (1 − s). */
    private static INDArray sigmoid(INDArray x) {
        INDArray share = Transforms.sigmoid(x, true);
        try (INDArray rest = share.rsub(1)) {
            return share.muli(rest);
        }
    }

    /** 1 − tanh(x)². */
    private static INDArray tanh(INDArray x) {
        INDArray value = Transforms.tanh(x, true);
        return value.muli(value).rsubi(1);
    }
}
