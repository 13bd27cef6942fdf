package org.laco.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.example.laco.Largest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.service.Registration;
import org.nd4j.linalg.api.ndarray.INDArray;

class RuleNamesTest {
    @TempDir
    private Path directory;

    @Test
    void findsARuleWhoseProviderIsRegisteredAloneAndInsideOfOthers() throws Exception {
        try (Registration ignored = register(Largest.class)) {
            assertThat(MergeRules.named("largest")).isInstanceOf(Largest.class);
            assertThat(MergeRules.named("norm-preserving:largest").name()).isEqualTo("norm-preserving:largest");
            assertThat(MergeRules.named("best:mean,largest").choices(2))
                    .extracting(MergeRule::name)
                    .containsExactly("mean", "largest");
            assertThat(RuleNames.known().forms()).endsWith("best:RULE,RULE", "largest");
        }
    }

    @Test
    void findsAGivenRuleThatIsRegisteredNowhere() {
        MergeRule largest = new Largest();

        RuleNames names = RuleNames.known().with(largest);

        assertThat(names.named("largest")).isSameAs(largest);
        assertThat(names.named("norm-preserving:largest")).isEqualTo(MergeRules.normPreserving(largest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> names.named("smallest"))
                .withMessage("unknown merge rule smallest, expected one of largest, telescoped, rdsc, mean, keep-first,"
                        + " damped-rdsc:λ, norm-preserving:RULE, best:RULE,RULE");
    }

    @Test
    void refusesARegisteredRuleOfANameThatIsTaken() throws Exception {
        try (Registration ignored = register(OtherMean.class)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MergeRules.named("mean"))
                    .withMessage("merge rule mean has several providers, org.laco.merge.RuleNamesTest$OtherMean among"
                            + " them: give its rule another name, or take it off the class path");
            assertThat(MergeRules.named("rdsc")).isEqualTo(MergeRules.rdsc());
        }
    }

    @Test
    void refusesAnArgumentOfARuleThatHasNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("mean:2"))
                .withMessageStartingWith("unknown merge rule mean:2, expected one of telescoped");
    }

    private Registration register(Class<?> provider) throws Exception {
        return Registration.of(directory, MergeRuleProvider.class, provider.getName());
    }

    /** A provider that would change what plans mean. */
    public static final class OtherMean implements MergeRule, MergeRuleProvider {
        @Override
        public String name() {
            return "mean";
        }

        @Override
        public MergeRule rule(String argument, RuleNames rules) {
            return this;
        }

        @Override
        public void merge(SpanWeights weights, INDArray destination) {
            destination.assign(0);
        }
    }
}
