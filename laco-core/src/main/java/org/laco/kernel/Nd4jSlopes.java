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
            case SILU -> silu(x);
            case GELU -> gelu(x);
            case GELU_TANH -> geluTanh(x);
            case RELU -> Nd4j.exec(new Step(x, x.ulike()));
        };
    }

    /** With s = sigmoid(x): s · (1 + x · (1 − s)). */
    private static INDArray silu(INDArray x) {
        INDArray gate = Transforms.sigmoid(x, true);
        try (INDArray rest = gate.rsub(1)) {
            return gate.muli(rest.muli(x).addi(1));
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
}
