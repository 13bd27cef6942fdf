package org.laco.search;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BaseLayersTest {
    @Test
    void saysWhyThereIsNothingToMerge() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BaseLayers(0).check(1))
                .withMessage("a model of one layer has nothing to merge");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BaseLayers(3).check(4))
                .withMessage("the lowest base layer 3 leaves nothing to merge in a model of 4 layers: at most 2 fits");
        assertThatCode(() -> new BaseLayers(2).check(4)).doesNotThrowAnyException();
    }
}
