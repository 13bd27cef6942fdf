package org.laco.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link Activation}s by ND4J's operations, in place. */
final class Nd4jActivations {
    private Nd4jActivations() {}

    static void apply(Activation activation, INDArray x) {
        switch (activation) {
            case SILU -> swish(x, 1);
            case GELU_QUICK -> swish(x, ElementFunction.QUICK_FACTOR);
            case GELU -> gelu(x);
            case GELU_TANH -> geluTanh(x);
            case GELU_CLIPPED -> {
                gelu(x);
                Transforms.min(x, ElementFunction.GELU_LIMIT, false);
            }
            case RELU -> Transforms.relu(x, false);
            case RELU_SQUARED -> {
                Transforms.relu(x, false);
                x.muli(x);
            }
            case RELU_6 -> upToSix(x);
            case LEAKY_RELU -> {
                try (INDArray leak = x.mul(ElementFunction.LEAK)) {
                    Transforms.max(x, leak, false);
                }
            }
            case HARD_SWISH -> {
                try (INDArray share = x.add(3)) {
                    x.muli(upToSix(share)).divi(6);
                }
            }
            case MISH -> {
                try (INDArray share = softplus(x)) {
                    x.muli(Transforms.tanh(share, false));
                }
            }
            case LAPLACE -> {
                x.subi(ElementFunction.LAPLACE_MEAN).divi(ElementFunction.LAPLACE_DEVIATION * Math.sqrt(2));
                Nd4j.exec(new Erf(x, x));
                x.addi(1).muli(0.5);
            }
            case SQRT_SOFTPLUS -> {
                try (INDArray softplus = softplus(x)) {
                    x.assign(Transforms.sqrt(softplus, false));
                }
            }
            case SIGMOID -> Transforms.sigmoid(x, false);
            case TANH -> Transforms.tanh(x, false);
            case LINEAR -> {
                // Every number is its own value.
            }
        }
    }

    private static void swish(INDArray x, double factor) {
        try (INDArray share = x.mul(factor)) {
            x.muli(Transforms.sigmoid(share, false));
        }
    }

    private static void gelu(INDArray x) {
        try (INDArray normal = x.mul(Math.sqrt(0.5))) {
            Nd4j.exec(new Erf(normal, normal));
            x.muli(normal.addi(1)).muli(0.5);
        }
    }

    private static void geluTanh(INDArray x) {
        try (INDArray inner = x.mul(x)) {
            inner.muli(Slopes.GELU_CUBE).addi(1).muli(x).muli(Slopes.GELU_FACTOR);
            Transforms.tanh(inner, false);
            x.muli(inner.addi(1)).muli(0.5);
        }
    }

    private static INDArray upToSix(INDArray x) {
        return Transforms.min(Transforms.relu(x, false), 6, false);
    }

    /**
     * ln(1 + eˣ) as max(x, 0) + ln(1 + u) with u = e^−|x|, which doesn't overflow; a new array. ln(1 + u) = 2 artanh(u / (u + 2)) keeps the
     * digits of a small u.
     */
    static INDArray softplus(INDArray x) {
        INDArray rest = Transforms.exp(Transforms.abs(x, true).negi(), false);
        try (INDArray sum = rest.add(2)) {
            Transforms.atanh(rest.divi(sum), false).muli(2);
        }
        try (INDArray positive = Transforms.relu(x, true)) {
            return rest.addi(positive);
        }
    }
}
