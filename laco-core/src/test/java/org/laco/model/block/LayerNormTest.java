package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LayerNormTest {
    @Test
    void keepsItsOffsetUnderAnotherName() {
        LayerNorm norm = LayerNorm.of("model.norm", 4, 1e-5).withoutBias().offset(1);
        assertThat(norm.named(name -> name.substring("model.".length())))
                .isEqualTo(LayerNorm.of("norm", 4, 1e-5).withoutBias().offset(1));
    }
}
