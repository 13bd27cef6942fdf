package org.laco.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.laco.stack.Calibration;

class TrainingWindowsTest {
    private static final Calibration TEXT =
            Calibration.ofTokens(new int[] {1, 2, 3, 4, 5, 6, 7}, new int[] {8, 9, 10, 11});

    @Test
    void cutsSequencesAndLeavesOutEndsOfOneToken() {
        TrainingWindows windows = TrainingWindows.cut(TEXT, 3, 0);
        assertThat(windows.count()).isEqualTo(3);
        assertThat(windows.tokens(0)).containsExactly(1, 2, 3);
        assertThat(windows.tokens(1)).containsExactly(4, 5, 6);
        assertThat(windows.tokens(2)).containsExactly(8, 9, 10);
        assertThat(TrainingWindows.cut(TEXT, 5, 0).tokens(1)).containsExactly(6, 7);
    }

    @Test
    void readsAllWindowsBeforeItReadsOneAgain() {
        TrainingWindows windows =
                TrainingWindows.cut(Calibration.ofTokens(IntStream.range(0, 40).toArray()), 4, 5);
        ImmutableList<ImmutableList<Integer>> steps = windows.steps(80, 5);
        assertThat(steps).hasSize(4).allSatisfy(step -> assertThat(step).hasSize(5));
        List<Integer> first = ImmutableList.copyOf(Iterables.concat(steps.subList(0, 2)));
        List<Integer> second = ImmutableList.copyOf(Iterables.concat(steps.subList(2, 4)));
        assertThat(first).doesNotHaveDuplicates().hasSize(10).isNotEqualTo(second);
        assertThat(second).doesNotHaveDuplicates().hasSize(10);
    }

    @Test
    void readsInAnOrderThatTheSeedDecides() {
        Calibration text = Calibration.ofTokens(IntStream.range(0, 400).toArray());
        assertThat(TrainingWindows.cut(text, 4, 5).steps(200, 8))
                .isEqualTo(TrainingWindows.cut(text, 4, 5).steps(200, 8))
                .isNotEqualTo(TrainingWindows.cut(text, 4, 6).steps(200, 8));
    }

    @Test
    void readsNoMoreThanItWasAskedFor() {
        TrainingWindows windows =
                TrainingWindows.cut(Calibration.ofTokens(IntStream.range(0, 40).toArray()), 4, 5);
        assertThat(windows.steps(10, 8)).hasSize(1);
        assertThat(windows.steps(10, 8).get(0)).hasSize(3);
    }

    @Test
    void refusesATextWithNothingToPredict() {
        assertThatThrownBy(() -> TrainingWindows.cut(Calibration.ofTokens(new int[] {1}), 8, 0))
                .hasMessageContaining("no sequence of two tokens");
    }
}
