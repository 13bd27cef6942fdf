package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ParameterSimilarityTest {
    @Test
    void comparesLinearWeightsOfTheSameNameAndShape() {
        RotatingStack stack = new RotatingStack(
                new double[3],
                ImmutableList.of(
                        ImmutableMap.of("up", linear(matrix(3, 0)), "down", linear(matrix(1, 0)), "norm", norm(1, 0)),
                        ImmutableMap.of("up", linear(matrix(4, 4)), "down", linear(matrix(0, 2)), "norm", norm(1, 0)),
                        ImmutableMap.of("up", linear(matrix(0, 2)), "down", linear(matrix(1, 1, 5)))));

        ParameterSimilarity similarity = ParameterSimilarity.measure(stack, MeasureSettings.defaults());

        assertThat(similarity.byName().keySet()).containsExactly("up", "down");
        LayerMatrix up = similarity.byName().get("up");
        assertThat(up.get(0, 1)).isCloseTo(Math.sqrt(.5), within(1e-12)).isEqualTo(up.get(1, 0));
        assertThat(up.get(0, 2)).isZero();
        assertThat(up.get(2, 2)).isEqualTo(1);
        LayerMatrix down = similarity.byName().get("down");
        assertThat(down.get(0, 1)).isZero();
        assertThat(down.get(0, 2)).isNaN();
        assertThat(similarity.all().get(0, 1)).isCloseTo(12 / Math.sqrt(10 * 36), within(1e-12));
        assertThat(similarity.all().get(1, 2)).isEqualTo(up.get(1, 2));
    }

    @Test
    void readsLargeWeightsInBlocks() {
        INDArray one = Nd4j.rand(DataType.FLOAT, 3000, 2000);
        INDArray other = Nd4j.rand(DataType.FLOAT, 3000, 2000);
        RotatingStack stack = new RotatingStack(
                new double[2],
                ImmutableList.of(ImmutableMap.of("up", linear(one)), ImmutableMap.of("up", linear(other))));

        double cosine = ParameterSimilarity.measure(stack, MeasureSettings.defaults())
                .all()
                .get(0, 1);

        INDArray wide = one.castTo(DataType.DOUBLE);
        INDArray otherWide = other.castTo(DataType.DOUBLE);
        double expected = wide.mul(otherWide).sumNumber().doubleValue()
                / wide.norm2Number().doubleValue()
                / otherWide.norm2Number().doubleValue();
        assertThat(cosine).isCloseTo(expected, within(1e-12));
    }

    private static INDArray matrix(float... values) {
        return Nd4j.createFromArray(new float[][] {values});
    }

    private static LayerTensor linear(INDArray values) {
        return new LayerTensor(ArrayTensor.of("weight", values), TensorRole.LINEAR);
    }

    private static LayerTensor norm(float... values) {
        return new LayerTensor(ArrayTensor.of("norm", Nd4j.createFromArray(values)), TensorRole.NORM);
    }
}
