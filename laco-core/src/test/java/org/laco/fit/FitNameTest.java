package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FitNameTest {
    static Stream<Fit> fits() {
        return Stream.of(
                Fit.ridge(),
                Fit.ridge(0.1, 1.0 / 3),
                Fit.transform().steps(0.25, 1),
                Fit.ridge().repairs(true).steps(1),
                Fit.replaceMe(0),
                Fit.replaceMe(1e-7));
    }

    @ParameterizedTest
    @MethodSource("fits")
    void aFitIsFoundByItsName(Fit fit) {
        assertThat(Fit.named(fit.name())).isEqualTo(fit);
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.named("ridge"))
                .withMessage("unknown fit ridge, expected one such as ridge:0.1,1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.named("lasso:1"))
                .withMessage("unknown fit lasso:1, expected ridge, transform or replaceme before the colon");
    }
}
