package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.laco.stack.Calibration;
import org.laco.tensor.SequenceLayout;

class TokenTreeTest {
    private static int[] rows(TokenTree tree, int sequence, int length) {
        return IntStream.range(0, length).map(at -> tree.row(sequence, at)).toArray();
    }

    @Test
    void sharesWhatSequencesBeginWith() {
        Calibration input = Calibration.ofTokens(
                new int[] {7, 3, 5, 1}, new int[] {7, 3, 5, 2, 2}, new int[] {7, 3, 8}, new int[] {7, 3, 5});

        TokenTree tree = TokenTree.of(input, List.of(0, 0, 0, 0));

        assertThat(tree.layout())
                .isEqualTo(SequenceLayout.branching(
                        List.of(2, 1, 1, 2, 1),
                        List.of(
                                OptionalInt.empty(),
                                OptionalInt.of(0),
                                OptionalInt.of(1),
                                OptionalInt.of(1),
                                OptionalInt.of(0))));
        assertThat(rows(tree, 0, 4)).containsExactly(0, 1, 2, 3);
        assertThat(rows(tree, 1, 5)).containsExactly(0, 1, 2, 4, 5);
        assertThat(rows(tree, 2, 3)).containsExactly(0, 1, 6);
        assertThat(rows(tree, 3, 3)).containsExactly(0, 1, 2);
        assertThat(tree.place(2)).isEqualTo(new TokenTree.Place(0, 2));
        assertThat(tree.place(5)).isEqualTo(new TokenTree.Place(1, 4));
    }

    @Test
    void keepsGroupsApartAndSequencesThatBeginDifferently() {
        Calibration input = Calibration.ofTokens(new int[] {7, 3}, new int[] {7, 3}, new int[] {7, 3}, new int[] {4});

        TokenTree tree = TokenTree.of(input, List.of(1, 0, 1, 0));

        assertThat(tree.layout()).isEqualTo(SequenceLayout.of(List.of(2, 2, 1)));
        assertThat(rows(tree, 0, 2)).containsExactly(0, 1);
        assertThat(rows(tree, 2, 2)).containsExactly(0, 1);
        assertThat(rows(tree, 1, 2)).containsExactly(2, 3);
        assertThat(tree.row(3, 0)).isEqualTo(4);
    }
}
