package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;
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
        // Whole numbers, so that every sum is exact.
        float[] one = wholeNumbers(1);
        float[] other = wholeNumbers(2);
        RotatingStack stack = new RotatingStack(
                new double[2],
                ImmutableList.of(ImmutableMap.of("up", linear(tall(one))), ImmutableMap.of("up", linear(tall(other)))));

        double cosine = ParameterSimilarity.measure(stack, MeasureSettings.defaults())
                .all()
                .get(0, 1);

        double expected = dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
        assertThat(cosine).isCloseTo(expected, within(1e-15));
    }

    private static float[] wholeNumbers(int seed) {
        Random random = new Random(seed);
        float[] values = new float[3000 * 2000];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(8) - 3;
        }
        return values;
    }

    private static INDArray tall(float[] values) {
        return Nd4j.createFromArray(values).reshape(3000, 2000);
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
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
