package org.laco.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class CompiledProductsTest {
    private final CompiledProducts products = new CompiledProducts();
    private final ProductShape shape = new ProductShape(7, 16, 32, false, DataType.FLOAT, false, Optional.empty());

    @BeforeEach
    void requireTheLibrary() {
        assumeThat(new OneDnnProvider().isAvailable())
                .as("oneDNN's library is there for this platform")
                .isTrue();
    }

    @Test
    void usesAProductAgainThatWasGivenBack() {
        CompiledProduct first = products.take(shape);
        products.give(shape, first);

        assertThat(products.take(shape)).isSameAs(first);
    }

    @Test
    void neverLendsAProductToTwo() {
        CompiledProduct first = products.take(shape);

        assertThat(products.take(shape)).isNotSameAs(first);
    }

    @Test
    void keepsOnWorkingWhenItForgetsShapes() {
        for (int rows = 1; rows <= 1100; rows++) {
            ProductShape one = new ProductShape(rows, 1, 1, false, DataType.FLOAT, false, Optional.empty());
            products.give(one, products.take(one));
        }

        assertThat(products.take(shape).implementation()).isNotEmpty();
    }

    @Test
    void closesWhatIsIdleAtOnceAndWhatIsLentWhenItComesBack() {
        CompiledProduct lent = products.take(shape);
        products.give(shape, products.take(shape));
        assertThat(products.live()).isEqualTo(2);

        products.close();
        assertThat(products.live()).isEqualTo(1);
        products.give(shape, lent);
        assertThat(products.live()).isZero();
    }

    @Test
    void compilesAnewButKeepsNothingOnceItIsClosed() {
        products.give(shape, products.take(shape));
        products.close();
        products.close();

        CompiledProduct later = products.take(shape);
        assertThat(later.implementation()).isNotEmpty();
        products.give(shape, later);
        assertThat(products.live()).isZero();
    }

    @Test
    void closesTheProductsOfShapesThatItForgets() {
        for (int rows = 1; rows <= 1100; rows++) {
            ProductShape one = new ProductShape(rows, 1, 1, false, DataType.FLOAT, false, Optional.empty());
            products.give(one, products.take(one));
        }

        assertThat(products.live()).isEqualTo(1024);
    }
}
