package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
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
    void normalisesByTokensAndByBytes() {
        // After 0: log .4 = -.92 for "3"; log (.3 × .7) = -1.56 for "2 0", which is -.78 a token.
        ImmutableList<ImmutableIntArray> choices = ImmutableList.of(THREE, TWO_ZERO);
        List<ChoiceItem> items = List.of(
                new ChoiceItem(ZERO, choices, ImmutableList.of(1, 1), 0, ""),
                new ChoiceItem(ZERO, choices, ImmutableList.of(1, 2), 1, ""));

        MultipleChoice result = MultipleChoice.measure(model, items);

        // By bytes both are right: the first item's second choice is as long as its first one.
        assertThat(result)
                .extracting(MultipleChoice::accuracy, MultipleChoice::accuracyPerToken)
                .containsExactly(new Accuracy(1, 2), new Accuracy(1, 2));
        assertThat(result.accuracyPerByte()).contains(new Accuracy(2, 2));
        assertThat(result.byKind()).isEmpty();
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
        assertThat(result.byKind().entrySet().asList().toString())
                .isEqualTo("[first kind=Accuracy[correct=0, items=1], second kind=Accuracy[correct=1, items=2]]");
    }

    @Test
    void knowsTheStandardErrorOfAnAccuracy() {
        Accuracy accuracy = new Accuracy(226, 320);

        assertThat(accuracy.value()).isEqualTo(.70625);
        assertThat(accuracy.standardError()).isCloseTo(.025462, within(5e-7));
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
                .isThrownBy(() -> new ChoiceItem(ZERO, choices, ImmutableList.of(1), 0, ""))
                .withMessage("there are 2 choices, but the lengths of 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceItem(ZERO, choices, ImmutableList.of(1, 0), 0, ""))
                .withMessage("choice 1 has 0 bytes, expected at least 1");
    }
}
