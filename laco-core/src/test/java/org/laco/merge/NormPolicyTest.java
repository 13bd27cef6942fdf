package org.laco.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class NormPolicyTest {
    @Test
    void findsEachPolicyByTheLabelThatPlansHold() {
        assertThat(NormPolicy.values())
                .extracting(NormPolicy::label)
                .containsExactly("from-base", "from-last", "merged");
        for (NormPolicy policy : NormPolicy.values()) {
            assertThat(NormPolicy.named(policy.label())).isEqualTo(policy);
        }
    }

    @Test
    void refusesAnUnknownLabelWithThoseThatAreKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NormPolicy.named("FROM_BASE"))
                .withMessage("'FROM_BASE' is no norm policy, expected from-base, from-last or merged");
    }
}
