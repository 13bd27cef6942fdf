package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MultipleChoiceTest {
    private static final ImmutableIntArray ZERO = ImmutableIntArray.of(0);
    private static final ImmutableIntArray ONE = ImmutableIntArray.of(1);
    private static final ImmutableIntArray THREE = ImmutableIntArray.of(3);
    private static final ImmutableIntArray TWO_ZERO = ImmutableIntArray.of(2, 0);

    private final TokenLogProbabilities model = TokenLogProbabilities.of(LlamaFixtures.bigram(new double[][] {
        {.1, .2, .3, .4}, {.25, .25, .25, .25}, {.7, .1, .1, .1}, {.05, .05, .1, .8},
    }));

    @Test
    void normalisesByTokensAndByTheTextsLength() {
        // After 0: log .4 = -.92 for "3"; log (.3 × .7) = -1.56 for "2 0", which is -.78 a token.
        ImmutableList<ImmutableIntArray> choices = ImmutableList.of(THREE, TWO_ZERO);
        List<ChoiceItem> items = List.of(
                new ChoiceItem(ZERO, choices, ImmutableList.of(" a", " b"), 0, ""),
                new ChoiceItem(ZERO, choices, ImmutableList.of(" a", " bc"), 1, ""));

        MultipleChoice result = MultipleChoice.measure(model, items);

        assertThat(result)
                .extracting(MultipleChoice::accuracy, MultipleChoice::accuracyPerToken)
                .containsExactly(new Accuracy(1, 2), new Accuracy(1, 2));
        // Without their spaces: -.92 and -1.56, then -.92 and -.78. With them: -.46 and -.78, then -.46 and -.52.
        assertThat(result.accNorm()).contains(new Accuracy(2, 2));
        assertThat(result.accBytes()).contains(new Accuracy(2, 2));
        assertThat(result.accuracyPerByte()).contains(new Accuracy(1, 2));
        assertThat(result.byKind()).isEmpty();
        assertThat(result.chance()).isEqualTo(.5);
        assertThat(result.logLikelihoods()).hasSize(2);
        assertThat(result.logLikelihoods().get(0).get(0)).isCloseTo(Math.log(.4), within(1e-6));
        assertThat(result.logLikelihoods().get(1).get(1)).isCloseTo(Math.log(.3 * .7), within(1e-6));
    }

    /** Counts the one question's right answers if its choices' sums are as given. */
    private static MultipleChoice answered(ImmutableList<String> texts, int answer, double... sums) {
        ChoiceItem item = new ChoiceItem(ZERO, ImmutableList.of(THREE, ONE), texts, answer, "");
        return MultipleChoice.of(List.of(item), ImmutableList.of(sums));
    }

    @Test
    void countsNoSpaceBeforeAChoiceButAllOthers() {
        Accuracy right = new Accuracy(1, 1);
        // -3 a character and -2.5; with the space in the count -1.5 and -1.667.
        assertThat(answered(ImmutableList.of(" a", " bc"), 1, -3.0, -5.0))
                .extracting(MultipleChoice::accuracy, MultipleChoice::accNorm, MultipleChoice::accuracyPerByte)
                .containsExactly(new Accuracy(0, 1), Optional.of(right), Optional.of(new Accuracy(0, 1)));
        // A second space counts: -1.5 a character and -2.5. One at the end counts: -1.4 and -1.333.
        assertThat(answered(ImmutableList.of("  a", " bc"), 0, -3.0, -5.0).accNorm())
                .contains(right);
        assertThat(answered(ImmutableList.of(" a", " bc "), 1, -1.4, -4.0).accNorm())
                .contains(right);
        // Where there is no space, none is taken off.
        assertThat(answered(ImmutableList.of("a", "b"), 0, -3.0, -5.0).accNorm())
                .contains(right);
    }

    @Test
    void countsCharactersOfUnicodeAndBytesOfUtf8() {
        // "é" is one character of two bytes, the smiley one of four bytes and two Java characters.
        Accuracy right = new Accuracy(1, 1);
        MultipleChoice accent = answered(ImmutableList.of(" ab", " é"), 0, -3.0, -2.0);
        assertThat(accent.accNorm()).contains(right);
        assertThat(accent.accBytes()).contains(new Accuracy(0, 1));
        MultipleChoice smiley = answered(ImmutableList.of(" a", " \uD83D\uDE42"), 0, -1.0, -1.5);
        assertThat(smiley.accNorm()).contains(right);
        assertThat(smiley.accBytes()).contains(new Accuracy(0, 1));
    }

    @Test
    void givesTiesToTheFirstAndSortsByKind() {
        ImmutableList<ImmutableIntArray> equallyLikely = ImmutableList.of(THREE, ZERO, ONE);
        List<ChoiceItem> items = List.of(
                new ChoiceItem(ONE, equallyLikely, ImmutableList.of(), 0, "second kind"),
                new ChoiceItem(ONE, equallyLikely, ImmutableList.of(), 1, "second kind"),
                new ChoiceItem(ONE, equallyLikely, ImmutableList.of(), 2, "first kind"),
                new ChoiceItem(ZERO, equallyLikely, ImmutableList.of(), 0, ""));

        MultipleChoice result = MultipleChoice.measure(model, items);

        assertThat(result.accuracy()).isEqualTo(new Accuracy(2, 4));
        assertThat(result.accuracyPerByte()).isEmpty();
        assertThat(result.accNorm()).isEmpty();
        assertThat(result.chance()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(result.accBytes()).isEmpty();
        assertThat(result.byKind().entrySet().asList().toString())
                .isEqualTo("[first kind=Accuracy[correct=0, items=1], second kind=Accuracy[correct=1, items=2]]");
    }

    @Test
    void knowsTheStandardErrorOfAnAccuracy() {
        Accuracy accuracy = new Accuracy(226, 320);

        assertThat(accuracy.value()).isEqualTo(.70625);
        // √(.70625 × .29375 / 319)
        assertThat(accuracy.standardError()).isCloseTo(.025502, within(5e-7));
        assertThat(new Accuracy(1, 2).standardError()).isEqualTo(.5);
        assertThat(new Accuracy(2, 2).standardError()).isZero();
        assertThat(new Accuracy(1, 1).standardError()).isNaN();
    }

    @Test
    void refusesItemsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultipleChoice.measure(model, List.of()))
                .withMessage("there are no items of multiple choice, expected at least one");
        ImmutableList<ImmutableIntArray> choices = ImmutableList.of(THREE, ZERO);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ImmutableIntArray.of(), choices, ImmutableList.of(), 0, ""))
                .withMessage("the context is empty, expected at least one token such as the one that begins a text");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ZERO, ImmutableList.of(), ImmutableList.of(), 0, ""))
                .withMessage("there are no choices, expected at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ZERO, choices, ImmutableList.of(), 2, ""))
                .withMessage("the answer is choice 2, expected 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ChoiceItem(ZERO, ImmutableList.of(ONE, ImmutableIntArray.of()), ImmutableList.of(), 0, ""))
                .withMessage("choice 1 has no token");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ZERO, choices, ImmutableList.of(" a"), 0, ""))
                .withMessage("there are 2 choices, but the texts of 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ZERO, choices, ImmutableList.of(" a", " "), 0, ""))
                .withMessage("choice 1 is \" \", expected text after its leading space");
    }
}
