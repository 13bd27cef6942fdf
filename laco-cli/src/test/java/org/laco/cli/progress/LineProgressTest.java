package org.laco.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.laco.measure.Score;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;

class LineProgressTest {
    private long now;
    private final StringWriter written = new StringWriter();
    private final LineProgress progress = new LineProgress(new PrintWriter(written, true), new Ticker() {
        @Override
        public long read() {
            return now;
        }
    });

    private void pass(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    private void decide(int layer) {
        progress.decided(
                CollapseStep.scored(layer, 1, Optional.empty(), new Score("cosine", 0.5, ImmutableList.of()), false),
                10);
    }

    private List<String> lines() {
        return written.toString().lines().toList();
    }

    @Test
    void saysOfWorkWhoseShareIsKnownNowAndThenWhatIsLeft() {
        progress.phase("perplexity");
        for (int done = 1; done <= 10; done++) {
            pass(6);
            progress.share(done / 10.0);
        }
        assertThat(lines())
                .containsExactly(
                        "perplexity",
                        "perplexity: 30 %, 42 s left",
                        "perplexity: 60 %, 24 s left",
                        "perplexity: 90 %, 6 s left");
    }

    @Test
    void beginsANewWithEachPhase() {
        progress.phase("perplexity");
        pass(60);
        progress.phase("multiple choice");
        pass(20);
        progress.share(0.5);
        assertThat(lines()).containsExactly("perplexity", "multiple choice", "multiple choice: 50 %, 20 s left");
    }

    @Test
    void saysWhatThePapersScheduleTakesAtMost() {
        progress.expect(110);
        progress.started(10);
        for (int layer = 0; layer < 10; layer++) {
            progress.layerRun(layer, 0);
        }
        pass(4);
        decide(8);
        progress.layerRun(8, 20);
        pass(2);
        decide(7);
        assertThat(lines().get(1)).endsWith("refused; 10 layers now, at most 40 s left");
        assertThat(lines().get(2)).endsWith("refused; 10 layers now, at most 16 s left");
    }

    @Test
    void saysHowLongTheComparisonOfSpansFromTheBottomUpTakesStill() {
        progress.started(10);
        pass(4);
        decide(1);
        decide(2);
        assertThat(lines().get(1)).endsWith("10 layers now");
        assertThat(lines().get(2))
                .as("9 + 8 of 9 + 8 + 7 + 6 + 5 + 4 + 3 + 2 layer runs took 4 s")
                .endsWith("10 layers now, 6 s left of comparing single spans");
    }

    @Test
    void saysNothingOfSearchesThatBeginAnewAfterEachMerge() {
        progress.started(10);
        pass(60);
        decide(8);
        decide(7);
        decide(8);
        decide(9);
        assertThat(lines().subList(1, 5)).allMatch(line -> line.endsWith("10 layers now"));
    }

    @Test
    void saysWhatIsLeftOfASearchThatDecidesOnManyCandidatesAtOnce() {
        progress.started(10);
        for (int layer = 0; layer < 10; layer++) {
            progress.layerRun(layer, 0);
        }
        pass(5);
        progress.expected(90);
        for (int layer = 1; layer < 9; layer++) {
            pass(5);
            progress.layerRun(layer, 5);
        }
        decide(3);
        progress.expected(10);
        progress.layerRun(3, 5);
        decide(4);

        assertThat(lines().subList(0, 4))
                .containsExactly(
                        "running the original model's 10 layers",
                        "search: at most 1 min 0 s left",
                        "search: at most 56 s left",
                        "search: at most 45 s left");
        assertThat(lines().get(4)).endsWith(", at most 45 s left");
        assertThat(lines().get(5)).as("55 of 60 runs took 45 s").endsWith(", at most 4 s left");
    }

    @Test
    void saysNothingOfThatOnceTheNextSearchHasStarted() {
        progress.expected(1000);
        progress.started(10);
        progress.layerRun(0, 0);
        pass(20);
        progress.layerRun(1, 0);
        assertThat(lines()).containsExactly("running the original model's 10 layers");
    }

    @Test
    void leavesDecisionsToTheReportAndSaysNowAndThenWhatIsLeft() {
        List<Integer> decided = new ArrayList<>();
        LineProgress beside = new LineProgress(
                new PrintWriter(written, true),
                new Ticker() {
                    @Override
                    public long read() {
                        return now;
                    }
                },
                Optional.of(new CollapseListener() {
                    @Override
                    public void decided(CollapseStep step, int layers) {
                        decided.add(step.layer());
                    }
                }));
        beside.expect(100);
        beside.started(12);
        for (int layer = 9; layer > 5; layer--) {
            pass(10);
            beside.layerRun(layer, 10);
            beside.decided(
                    CollapseStep.scored(
                            layer, 1, Optional.empty(), new Score("cosine", 0.5, ImmutableList.of()), false),
                    12);
        }

        assertThat(decided).containsExactly(9, 8, 7, 6);
        assertThat(lines())
                .containsExactly(
                        "running the original model's 12 layers",
                        "search: at most 1 min 20 s left",
                        "search: at most 1 min 0 s left");
    }
}
