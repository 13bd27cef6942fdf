package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SequenceLayoutTest {
    private static final OptionalInt BEGINS = OptionalInt.empty();

    /** Two questions: the first of five tokens, whose second answer goes on in two ways, and one of four. */
    private static final SequenceLayout QUESTIONS = SequenceLayout.branching(
            List.of(5, 2, 3, 1, 2, 4, 6),
            List.of(
                    BEGINS,
                    OptionalInt.of(0),
                    OptionalInt.of(0),
                    OptionalInt.of(2),
                    OptionalInt.of(2),
                    BEGINS,
                    OptionalInt.of(5)));

    @Test
    void countsThePositionsOfWhatASequenceContinues() {
        assertThat(QUESTIONS.rows()).isEqualTo(23);
        assertThat(List.of(0, 1, 2, 3, 4, 5, 6)).extracting(QUESTIONS::position).containsExactly(0, 5, 5, 8, 8, 0, 4);
        assertThat(QUESTIONS.start(4)).isEqualTo(11);
        assertThat(QUESTIONS.length(4)).isEqualTo(2);
        assertThat(QUESTIONS.rowsUpTo(4)).containsExactly(0, 1, 2, 3, 4, 7, 8, 9, 11, 12);
        assertThat(QUESTIONS.rowsUpTo(0)).containsExactly(0, 1, 2, 3, 4);
        assertThat(QUESTIONS.continued(4)).hasValue(2);
        assertThat(QUESTIONS.continued(5)).isEmpty();
    }

    @Test
    void knowsWhereTextsBegin() {
        assertThat(QUESTIONS.texts()).containsExactly(0, 5);
        assertThat(SequenceLayout.of(List.of(3, 1, 2)).texts()).containsExactly(0, 1, 2);
        // The third sequence continues the first, so that the second can't be parted from them.
        assertThat(SequenceLayout.branching(List.of(1, 1, 1, 1), List.of(BEGINS, BEGINS, OptionalInt.of(0), BEGINS))
                        .texts())
                .containsExactly(0, 3);
    }

    @Test
    void givesAPartRowsFromZeroOn() {
        SequenceLayout part = QUESTIONS.part(5, 7);

        assertThat(part).isEqualTo(SequenceLayout.branching(List.of(4, 6), List.of(BEGINS, OptionalInt.of(0))));
        assertThat(part.rowsUpTo(1)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QUESTIONS.part(1, 3))
                .withMessage("sequence 1 continues sequence 0, which isn't among those from 1 on");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QUESTIONS.part(5, 8))
                .withMessage("there are no sequences from 5 to before 8 among 7");
    }

    @Test
    void repeatsBranchesWithWhatTheyContinue() {
        SequenceLayout twice = QUESTIONS.repeat(2);

        assertThat(twice.part(0, 7)).isEqualTo(QUESTIONS);
        assertThat(twice.part(7, 14)).isEqualTo(QUESTIONS);
    }

    @Test
    void differsByWhatIsContinued() {
        SequenceLayout apart = SequenceLayout.of(List.of(4, 6));
        SequenceLayout branching = SequenceLayout.branching(List.of(4, 6), List.of(BEGINS, OptionalInt.of(0)));

        assertThat(branching).isNotEqualTo(apart);
        assertThat(branching.branches()).isTrue();
        assertThat(apart.branches()).isFalse();
        assertThat(SequenceLayout.branching(List.of(4, 6), List.of(BEGINS, BEGINS)))
                .isEqualTo(apart)
                .hasSameHashCodeAs(apart);
    }

    @Test
    void refusesToContinueWhatComesLater() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SequenceLayout.branching(List.of(1, 1), List.of(OptionalInt.of(1), BEGINS)))
                .withMessage("sequence 0 continues sequence 1, expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SequenceLayout.branching(List.of(1, 1), List.of(BEGINS, OptionalInt.of(1))))
                .withMessage("sequence 1 continues sequence 1, expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SequenceLayout.branching(List.of(1, 1), List.of(BEGINS, OptionalInt.of(-1))))
                .withMessage("sequence 1 continues sequence -1, expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SequenceLayout.branching(List.of(1, 1), List.of(BEGINS)))
                .withMessage("2 lengths of sequences, but 1 say what they continue");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SequenceLayout.of(List.of(1, 0)))
                .withMessage("sequence 1 is empty");
    }
}
