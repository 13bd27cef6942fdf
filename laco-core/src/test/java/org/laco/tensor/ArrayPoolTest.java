package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class ArrayPoolTest {
    private static final long BYTES = 8 * Float.BYTES;

    @Test
    void givesTheSameArrayAgain() {
        try (ArrayPool pool = ArrayPool.upTo(BYTES)) {
            INDArray array = pool.take(2, 4);
            pool.give(array);

            assertThat(pool.take(2, 4)).isSameAs(array);
        }
    }

    @Test
    void freesTheShapeThatWasNotUsedForLongest() {
        try (ArrayPool pool = ArrayPool.upTo(2 * BYTES)) {
            INDArray oldest = pool.take(2, 4);
            INDArray middle = pool.take(8, 1);
            INDArray latest = pool.take(4, 2);
            pool.give(oldest);
            pool.give(middle);
            pool.give(latest);

            assertThat(oldest.wasClosed()).isTrue();
            assertThat(middle.wasClosed()).isFalse();
            assertThat(latest.wasClosed()).isFalse();
        }
    }

    @Test
    void keepsMoreWhileItIsAllowedTo() {
        try (ArrayPool pool = ArrayPool.upTo(BYTES)) {
            INDArray first = pool.take(2, 4);
            INDArray second = pool.take(2, 4);
            pool.allow(BYTES);
            pool.give(first);
            pool.give(second);
            assertThat(first.wasClosed()).isFalse();
            assertThat(second.wasClosed()).isFalse();

            pool.allow(-BYTES);

            assertThat(first.wasClosed()).isNotEqualTo(second.wasClosed());
        }
    }

    @Test
    void freesAtOnceWhatIsGivenBackAfterItWasClosed() {
        ArrayPool pool = ArrayPool.create();
        INDArray array = pool.take(2, 4);
        pool.close();
        pool.give(array);

        assertThat(array.wasClosed()).isTrue();
    }
}
