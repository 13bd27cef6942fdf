package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.laco.stack.Calibration;

class DividedTextTest {
    /** Windows of so many tokens, each of which is the window's number. */
    private static Calibration windows(int count, int length) {
        return Calibration.ofTokens(IntStream.range(0, count)
                .mapToObj(i -> IntStream.generate(() -> i).limit(length).toArray())
                .toList());
    }

    private static List<Integer> numbers(Calibration some) {
        return IntStream.range(0, some.layout().count())
                .mapToObj(i -> some.tokens(i)[0])
                .toList();
    }

    @Test
    void comparesOnPiecesFromAllOverTheTextAndFitsToTheWindowsBetween() {
        DividedText divided = DividedText.windows(windows(12, 128), 4 * 64, 8 * 128);
        assertThat(numbers(divided.compared())).containsExactlyInAnyOrder(0, 3, 6, 9);
        assertThat(divided.compared().layout().rows()).isEqualTo(4 * 64);
        assertThat(numbers(divided.fitted())).containsExactlyInAnyOrder(1, 2, 4, 5, 7, 8, 10, 11);
        assertThat(divided.fitted().layout().rows()).isEqualTo(8 * 128);
    }

    @Test
    void beginsWithPiecesThatAreSpreadLikeAll() {
        DividedText divided = DividedText.windows(windows(32, 128), 8 * 64, 8 * 128);
        assertThat(numbers(divided.compared())).containsExactly(0, 16, 8, 24, 4, 20, 12, 28);
        assertThat(numbers(divided.fitted()).subList(0, 2)).containsExactly(1, 17);
    }

    @Test
    void fitsToSomeWindowsFromAllOverALongText() {
        DividedText divided = DividedText.windows(windows(1000, 128), 3 * 64, 5 * 128);
        assertThat(numbers(divided.compared())).containsExactlyInAnyOrder(0, 333, 666);
        assertThat(numbers(divided.fitted())).hasSize(5).allMatch(number -> number % 200 < 4);
    }

    @Test
    void takesShortWindowsWhole() {
        DividedText divided = DividedText.windows(windows(8, 16), 64, 1000);
        assertThat(numbers(divided.compared())).containsExactlyInAnyOrder(0, 2, 4, 6);
        assertThat(divided.compared().layout().rows()).isEqualTo(64);
    }

    @Test
    void fitsToAllWindowsWhereThereAreTooFewForBoth() {
        DividedText divided = DividedText.windows(windows(3, 128), 1024, 1024);
        assertThat(numbers(divided.compared())).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(numbers(divided.fitted())).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void takesOnePieceWhereFewerTokensThanThatAreWanted() {
        DividedText divided = DividedText.windows(windows(4, 128), 10, 10);
        assertThat(numbers(divided.compared())).containsExactly(0);
        assertThat(numbers(divided.fitted())).containsExactly(1);
    }

    @Test
    void comparesOnTheFirstLines() {
        DividedText divided = DividedText.lines(windows(6, 10), 20);
        assertThat(numbers(divided.compared())).containsExactly(0, 1);
        assertThat(numbers(divided.fitted())).containsExactly(2, 3, 4, 5);
    }

    @Test
    void refusesNoTokens() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DividedText.windows(windows(4, 128), 0, 10))
                .withMessage("candidates are compared on at least one token, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DividedText.windows(windows(4, 128), 64, -1))
                .withMessage("fits are made to at least one token, not -1");
    }
}
