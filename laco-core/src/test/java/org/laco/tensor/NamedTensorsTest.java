package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class NamedTensorsTest {
    private final InMemoryTensors tensors =
            InMemoryTensors.of(ImmutableMap.of("b", Nd4j.createFromArray(1f, 2f), "a", Nd4j.createFromArray(3f)));

    @Test
    void keepsTheOrderInWhichTensorsAreStored() {
        assertThat(tensors.names()).containsExactly("b", "a");
        assertThat(tensors.tensors()).extracting(StoredTensor::name).containsExactly("b", "a");
        assertThat(tensors.tensor("b").length()).isEqualTo(2);
    }

    @Test
    void saysWhereThereIsNoTensorOfAName() {
        assertThat(tensors.contains("c")).isFalse();
        assertThatThrownBy(() -> tensors.tensor("c"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("memory: no tensor is named 'c'");
    }
}
