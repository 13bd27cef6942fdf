package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PrecisionTest {
    /** 1 + 2^-8 lies between the bfloat16 numbers 1 and 1 + 2^-7, and the even one of them is 1; 1 + 3 · 2^-8 goes to 1 + 2^-6. */
    private static final float[][] INPUT = {{1 + 0x1p-8f, 1 + 0x3p-8f}};

    static Stream<Kernels> arithmetics() {
        return Stream.of(Kernels.of(new BlasProduct()), new Nd4jKernels());
    }

    private static float multiply(Kernels kernels, DataType stored) {
        INDArray weight = Nd4j.createFromArray(new float[][] {{1, 2}}).castTo(stored);
        INDArray taken = weight.castTo(kernels.weightType(stored));
        return kernels.linear(Nd4j.createFromArray(INPUT), taken, null).getFloat(0);
    }

    @ParameterizedTest
    @MethodSource("arithmetics")
    void isFloat32UnlessAnotherIsAskedFor(Kernels kernels) {
        assertThat(kernels.precision()).isEqualTo(Precision.FLOAT32);
        assertThat(multiply(kernels, DataType.BFLOAT16)).isEqualTo(3 + 0x7p-8f);
    }

    @ParameterizedTest
    @MethodSource("arithmetics")
    void roundsInputsOfWeightsInBfloat16OnRequest(Kernels kernels) {
        Kernels rounding = kernels.in(Precision.BFLOAT16).orElseThrow();

        assertThat(rounding.precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(multiply(rounding, DataType.BFLOAT16)).isEqualTo(3 + 0x1p-5f);
        assertThat(multiply(rounding, DataType.FLOAT)).isEqualTo(3 + 0x7p-8f);
        assertThat(multiply(rounding, DataType.HALF)).isEqualTo(3 + 0x7p-8f);
    }

    @ParameterizedTest
    @MethodSource("arithmetics")
    void isFloat32AgainIfThatIsAskedFor(Kernels kernels) {
        Kernels exact = kernels.in(Precision.BFLOAT16)
                .orElseThrow()
                .in(Precision.FLOAT32)
                .orElseThrow();

        assertThat(exact.precision()).isEqualTo(Precision.FLOAT32);
        assertThat(multiply(exact, DataType.BFLOAT16)).isEqualTo(3 + 0x7p-8f);
    }

    @Test
    void isFoundByTheNameThatItPrints() {
        assertThat(Precision.named("bfloat16")).isEqualTo(Precision.BFLOAT16).hasToString("bfloat16");
        assertThatThrownBy(() -> Precision.named("float8"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown precision float8, expected one of [float32, bfloat16]");
    }
}
