package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;
import org.laco.kernel.Activation;

class AddendsTest {
    private static final Linear UP = Linear.of("up", 2, 3, true);
    private static final Linear DOWN = Linear.of("down", 3, 2, true);
    private static final Linear DENSE = Linear.of("dense", 2, 2, false);

    private final Block norm = LayerNorm.of("norm", 2, 1e-5);
    private final Block feedForward = new FeedForward(UP, DOWN, Activation.SILU);

    @Test
    void areTheLastMapsOfAllSteps() {
        assertThat(Layer.of(Residual.of(norm, DENSE), Residual.of(norm, feedForward))
                        .addends())
                .contains(ImmutableList.of(DENSE, DOWN));
    }

    @Test
    void areThoseOfPartsThatRunBesideEachOther() {
        assertThat(Residual.of(norm, Parallel.of(DENSE, feedForward)).addends())
                .contains(ImmutableList.of(DENSE, DOWN));
        assertThat(Residual.parallel(ImmutableList.of(norm, DENSE), ImmutableList.of(norm, feedForward))
                        .addends())
                .contains(ImmutableList.of(DENSE, DOWN));
    }

    @Test
    void areUnknownWhereANormComesLast() {
        assertThat(Layer.of(Residual.of(norm, DENSE), Residual.of(norm, feedForward, norm))
                        .addends())
                .isEmpty();
        assertThat(Residual.of(norm, Parallel.of(norm, feedForward)).addends()).isEmpty();
    }

    @Test
    void areUnknownWhereHiddenStatesEnterWithoutANorm() {
        assertThat(Residual.of(feedForward).addends()).isEmpty();
        assertThat(Residual.parallel(ImmutableList.of(norm, DENSE), ImmutableList.of(feedForward))
                        .addends())
                .isEmpty();
    }
}
