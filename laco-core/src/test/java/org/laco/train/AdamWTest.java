package org.laco.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AdamWTest {
    private static final float[][] GRADIENTS = {{0.1f, -0.2f, 0.3f}, {0.05f, 0.4f, -1e-4f}, {-0.3f, 0, 1e-9f}};

    /** What torch.optim.AdamW of torch 2.15 has after each step, rate 0.01 and decay 0.1, from 0.5, −1.25 and 2. */
    private static final double[][] PYTORCH = {
        {0.489500016, -1.238749981, 1.988000035},
        {0.479617596, -1.241145015, 1.979228139},
        {0.482543439, -1.242749095, 1.971937060}
    };

    @Test
    void changesWeightsAsPyTorchDoes() {
        INDArray weight = Nd4j.createFromArray(0.5f, -1.25f, 2f);
        ImmutableList<INDArray> state = ImmutableList.of(Nd4j.zeros(DataType.FLOAT, 3), Nd4j.zeros(DataType.FLOAT, 3));
        for (int step = 0; step < PYTORCH.length; step++) {
            AdamW.ofDefaults()
                    .withDecay(0.1)
                    .update(weight, Nd4j.createFromArray(GRADIENTS[step]), state, 0.01, step + 1);
            for (int i = 0; i < 3; i++) {
                assertThat(weight.getDouble(i)).isCloseTo(PYTORCH[step][i], within(3e-7));
            }
        }
    }

    @Test
    void refusesFactorsOutsideOfTheirRange() {
        assertThatThrownBy(() -> new AdamW(1, 0.95, 1e-8, 0)).hasMessageContaining("beta1 is 1.0");
        assertThatThrownBy(() -> new AdamW(0.9, 0.95, 0, 0)).hasMessageContaining("epsilon is 0.0");
        assertThatThrownBy(() -> AdamW.ofDefaults().withDecay(-1)).hasMessageContaining("weight decay is -1.0");
    }
}
