package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All tests of this module run with what one gets who takes it alone. */
class AloneTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.nd4j.linalg.api.ndarray.INDArray",
                "org.bytedeco.javacpp.Pointer",
                "org.laco.model.CausalModel"
            })
    void neitherArraysNorModelsAreOnTheClassPath(String type) {
        assertThatThrownBy(() -> Class.forName(type)).isInstanceOf(ClassNotFoundException.class);
    }
}
