package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.kernel.Nd4jKernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds every activation that transformers knows by name against its values and derivatives there. */
class ActivationReferencesTest {
    /** Relative to the value, and near 0 to 1. */
    private static final double TOLERANCE = 2e-6;

    @TestFactory
    Stream<DynamicTest> agreesWithTransformers() throws IOException {
        JsonNode references = new Json().readObject(Path.of("src/test/resources/references/activations.json"));
        float[] points = floats(references.get("points"));
        return Streams.stream(references.get("functions").fields())
                .map(function -> dynamicTest(function.getKey(), () -> {
                    try (Kernels host = Kernels.ofNd4j();
                            Kernels nd4j = new Nd4jKernels()) {
                        check(host, points, Activation.named(function.getKey()), function.getValue());
                        check(nd4j, points, Activation.named(function.getKey()), function.getValue());
                    }
                }));
    }

    private static void check(Kernels kernels, float[] points, Activation activation, JsonNode expected) {
        try (INDArray x = row(points);
                INDArray values = row(points);
                INDArray slopes = Nd4j.ones(DataType.FLOAT, 1, points.length)) {
            kernels.activate(activation, values);
            kernels.derivatives().activate(activation, x, slopes);

            assertClose("value", points, values, floats(expected.get("values")));
            assertClose("slope", points, slopes, floats(expected.get("slopes")));
        }
    }

    private static void assertClose(String what, float[] points, INDArray actual, float[] expected) {
        for (int i = 0; i < points.length; i++) {
            assertThat(actual.getDouble(0, i))
                    .as("%s at %s", what, points[i])
                    .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static INDArray row(float[] values) {
        return Nd4j.createFromArray(values).reshape('c', 1, values.length);
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) list.get(i).asDouble();
        }
        return values;
    }
}
