package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.CausalModel;

class ModelAgreementTest {
    private static final MeasureSettings SETTINGS = MeasureSettings.defaults();
    private static final CausalModel ORIGINAL = LlamaFixtures.bigram(new double[][] {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    });

    @Test
    void comparesEveryPosition() {
        CausalModel other = LlamaFixtures.bigram(new double[][] {
            {.1, .2, .3, .4}, {.4, .2, .2, .2}, {.1, .7, .1, .1}, {.05, .05, .1, .8},
        });

        ModelAgreement agreement =
                ModelAgreement.measure(ORIGINAL, other, List.of(new int[] {1, 2, 3}, new int[] {0}), SETTINGS);

        double afterOne = .25 * Math.log(.25 / .4) + .75 * Math.log(.25 / .2);
        double afterTwo = .7 * Math.log(7) - .1 * Math.log(7);
        assertThat(agreement.divergence()).isCloseTo((afterOne + afterTwo) / 4, within(1e-6));
        assertThat(agreement.topAgreement()).isEqualTo(.75);
        assertThat(agreement.positions()).isEqualTo(4);
    }

    @Test
    void isPerfectWithTheModelItself() {
        CausalModel model = LlamaFixtures.random(23, 8, 3, 7);

        assertThat(ModelAgreement.measure(model, model, List.of(new int[] {4, 22, 1, 1}, new int[] {9, 3}), SETTINGS))
                .isEqualTo(new ModelAgreement(1, 0, 6));
    }

    @Test
    void doesNotDependOnHowTheWorkIsDivided() {
        CausalModel one = LlamaFixtures.random(23, 8, 3, 7);
        CausalModel other = LlamaFixtures.random(23, 6, 2, 8);
        List<int[]> sequences = List.of(new int[] {4, 22, 1, 1}, new int[] {9, 3}, new int[] {0, 0, 7});

        ModelAgreement usual = ModelAgreement.measure(one, other, sequences, SETTINGS);
        ModelAgreement divided = ModelAgreement.measure(
                one, other, sequences, SETTINGS.withBatchRows(1).withHiddenBytes(1));

        assertThat(divided.topAgreement()).isEqualTo(usual.topAgreement());
        assertThat(divided.divergence()).isPositive().isCloseTo(usual.divergence(), within(1e-5));
    }

    @Test
    void refusesToComputeInNoRowsOrNoMemory() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SETTINGS.withBatchRows(0))
                .withMessage("a batch needs at least 1 row, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SETTINGS.withHiddenBytes(0))
                .withMessage("hidden states need at least 1 byte, not 0");
    }

    @Test
    void refusesModelsOfDifferentVocabularies() {
        CausalModel other = LlamaFixtures.random(23, 8, 3, 7);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelAgreement.measure(ORIGINAL, other, List.of(new int[] {0}), SETTINGS))
                .withMessage(
                        "the models have vocabularies of 4 and 23 tokens, so their distributions can't be compared");
    }

    @Test
    void namesThePositionWhereAModelComputesNaN() {
        CausalModel broken = LlamaFixtures.bigram(new double[][] {
            {.1, .2, .3, .4}, {.4, .2, .2, .2}, {.1, .7, .1, .1}, {.05, .05, .1, Double.NaN},
        });

        assertThatThrownBy(() -> ModelAgreement.measure(ORIGINAL, broken, List.of(new int[] {0, 3}), SETTINGS))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("sequence 0, position 0: the divergence of the next token is not a number,"
                        + " since the model's logits are not finite");
    }
}
