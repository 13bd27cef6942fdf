package org.laco.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

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
        DividedText divided = DividedText.windows(windows(12, 128), 128, 4 * 64);
        assertThat(numbers(divided.compared())).containsExactly(0, 3, 6, 9);
        assertThat(divided.compared().layout().rows()).isEqualTo(4 * 64);
        assertThat(numbers(divided.fitted())).containsExactly(1, 2, 4, 5, 7, 8, 10, 11);
        assertThat(divided.fitted().layout().rows()).isEqualTo(8 * 128);
    }

    @Test
    void takesShortWindowsWhole() {
        DividedText divided = DividedText.windows(windows(8, 16), 16, 64);
        assertThat(numbers(divided.compared())).containsExactly(0, 2, 4, 6);
        assertThat(divided.compared().layout().rows()).isEqualTo(64);
    }

    @Test
    void fitsToAllWindowsWhereThereAreTooFewForBoth() {
        DividedText divided = DividedText.windows(windows(3, 128), 128, 1024);
        assertThat(numbers(divided.compared())).containsExactly(0, 1, 2);
        assertThat(numbers(divided.fitted())).containsExactly(0, 1, 2);
    }

    @Test
    void readsAsMuchAsLeavesTheFitsTheirTokens() {
        long read = DividedText.tokens(128, 512, 2048);
        DividedText divided = DividedText.windows(windows((int) read / 128, 128), 128, 512);
        assertThat(divided.compared().layout().rows()).isEqualTo(512);
        assertThat(divided.fitted().layout().rows()).isEqualTo(2048);
    }

    @Test
    void comparesOnTheFirstLines() {
        DividedText divided = DividedText.lines(windows(6, 10), 20);
        assertThat(numbers(divided.compared())).containsExactly(0, 1);
        assertThat(numbers(divided.fitted())).containsExactly(2, 3, 4, 5);
    }
}
