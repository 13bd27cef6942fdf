package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A few numbers of a loss's gradients that PyTorch computed: norms of layers and of some tensors, and some of their elements. */
final class RecordedGradient {
    /** What an element may differ by, relative to the norm of its tensor, and a norm relative to itself. */
    private static final double TOLERANCE = 1e-4;

    /** What both may differ by beside, relative to the largest norm of a layer: a tensor's gradient can be zero but for rounding. */
    private static final double ROUNDING = 1e-7;

    private final JsonNode recorded;
    private final double rounding;

    RecordedGradient(JsonNode recorded) {
        this.recorded = recorded;
        double largest = 0;
        for (JsonNode layer : recorded.get("layers")) {
            largest = Math.max(largest, layer.asDouble());
        }
        this.rounding = ROUNDING * largest;
    }

    void compare(LossGradient actual) {
        double loss = recorded.get("loss").asDouble();
        assertThat(actual.loss()).as("loss").isCloseTo(loss, within(1e-5 * loss));
        assertThat(actual.layerNorms()).hasSameSizeAs(recorded.get("layers"));
        for (int layer = 0; layer < actual.layerNorms().size(); layer++) {
            compare(
                    "norm of layer " + layer,
                    actual.layerNorms().get(layer),
                    recorded.get("layers").get(layer));
        }
        recorded.get("tensors")
                .properties()
                .forEach(tensor -> compare(tensor.getKey(), actual.gradient(tensor.getKey()), tensor.getValue()));
    }

    private void compare(String name, INDArray actual, JsonNode expected) {
        double norm = expected.get("norm").asDouble();
        compare("norm of " + name, actual.norm2Number().doubleValue(), expected.get("norm"));
        expected.get("elements").properties().forEach(element -> assertThat(
                        actual.ravel().getDouble(Long.parseLong(element.getKey())))
                .as("%s, element %s", name, element.getKey())
                .isCloseTo(element.getValue().asDouble(), within(TOLERANCE * norm + rounding)));
    }

    private void compare(String name, double actual, JsonNode expected) {
        assertThat(actual).as(name).isCloseTo(expected.asDouble(), within(TOLERANCE * expected.asDouble() + rounding));
    }
}
