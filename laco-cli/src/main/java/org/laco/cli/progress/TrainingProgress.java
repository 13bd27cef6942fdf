package org.laco.cli.progress;

import com.google.common.base.Stopwatch;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import org.laco.output.RoughTime;
import org.laco.train.TrainingListener;
import org.laco.train.TrainingStep;
import org.laco.train.ValidationLoss;

/** Shows how a training goes on: its loss, how fast it is, and how long it will take still. */
public final class TrainingProgress implements TrainingListener {
    private static final double NANOS = 1e9;

    private final Progress progress;
    private final Stopwatch watch = Stopwatch.createUnstarted();
    private boolean preparing;
    private long firstStep;
    private long tokensBefore;
    private long tokens;
    private String speed = "";

    /**
     * Begins to show a training.
     *
     * @param progress where it is shown
     */
    public TrainingProgress(Progress progress) {
        this.progress = progress;
    }

    @Override
    public void prepared(long count) {
        if (!preparing) {
            preparing = true;
            progress.phase("computing what isn't trained");
        }
        progress.detail(0, String.format(Locale.ROOT, "%,d tokens", count));
    }

    @Override
    public void stepped(TrainingStep step) {
        if (!watch.isRunning()) {
            // The first step has no time of its own: it is where the clock starts.
            progress.phase("training");
            watch.start();
            firstStep = step.step();
            tokensBefore = step.tokens();
        }
        tokens = step.tokens();
        long done = step.step() - firstStep;
        if (done > 0) {
            double seconds = watch.elapsed().toNanos() / NANOS;
            long left = Math.round(seconds / done * (step.steps() - step.step()));
            speed = String.format(
                    Locale.ROOT,
                    ", %.0f tokens a second, %s left",
                    tokensPerSecond().orElseThrow(),
                    RoughTime.of(Duration.ofSeconds(left)));
        }
        progress.detail(
                (double) step.step() / step.steps(),
                String.format(Locale.ROOT, "step %d/%d, loss %.4f%s", step.step(), step.steps(), step.loss(), speed));
    }

    @Override
    public void validated(ValidationLoss validation) {
        progress.note(String.format(
                Locale.ROOT,
                "after step %d: loss %.4f on the validation text%s%s",
                validation.step(),
                validation.loss(),
                validation.best() ? "" : ", not lower",
                speed));
    }

    /**
     * Returns how fast the steps after the first were, validations included.
     *
     * @return tokens a second, empty if there were no such steps
     */
    public OptionalDouble tokensPerSecond() {
        return tokens > tokensBefore
                ? OptionalDouble.of((tokens - tokensBefore) / (watch.elapsed().toNanos() / NANOS))
                : OptionalDouble.empty();
    }
}
