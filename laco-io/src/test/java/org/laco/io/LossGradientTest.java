package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.ndarray.INDArray;

class LossGradientTest {
    /** A step along a gradient that changes the loss by far more than float32 rounds and far less than it curves. */
    private static final double CHANGE = 2e-3;

    @Test
    void isTheSlopeOfTheLossAlongEachWeightsGradient() throws IOException {
        try (Fixture fixture = Fixture.open(Fixture.root().resolve("llama"));
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            LossGradient gradient = LossGradient.of(model, fixture.sequences());
            assertThat(gradient.loss()).isCloseTo(LossGradient.loss(model, fixture.sequences()), within(1e-6));
            assertThat(gradient.gradients()).hasSize(9 * model.layerCount() + 1);
            gradient.gradients().forEach((name, by) -> {
                double norm = by.norm2Number().doubleValue();
                assertThat(slope(model, fixture.sequences(), name, by.div(norm), CHANGE / norm))
                        .as(name)
                        .isCloseTo(norm, within(5e-3 * norm));
            });
        }
    }

    static double slope(CausalModel model, Calibration batch, String name, INDArray direction, double step) {
        double up = LossGradient.loss(moved(model, name, direction.mul(step)), batch);
        double down = LossGradient.loss(moved(model, name, direction.mul(-step)), batch);
        return (up - down) / (2 * step);
    }

    private static CausalModel moved(CausalModel model, String name, INDArray step) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        for (String each : model.tensors().names()) {
            INDArray values = model.tensors().tensor(each).load();
            arrays.put(each, each.equals(name) ? values.addi(step) : values);
        }
        return CausalModel.of(model.config(), InMemoryTensors.of(arrays));
    }
}
