package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import java.util.ArrayList;
import java.util.List;
import org.laco.stack.Calibration;

/**
 * The windows that are trained on, and the ones that are not.
 *
 * @param training those that are
 * @param validation those on which the loss is measured
 */
record TrainingTexts(TrainingWindows training, TrainingWindows validation) {
    private static final int HELD_OUT = 20;
    private static final int MOST_HELD_OUT = 32;

    static TrainingTexts of(PostTraining settings, Calibration text) {
        checkArgument(text.isTokens(), "a training needs token ids, not feature rows");
        TrainingWindows all = TrainingWindows.cut(text, settings.windowLength, settings.seed);
        if (settings.validation.isPresent()) {
            return new TrainingTexts(
                    all, TrainingWindows.cut(settings.validation.get(), settings.windowLength, settings.seed));
        }
        checkArgument(
                all.count() >= 2,
                "the text to train on has one window of %s tokens: give a longer one, or a text for the validation",
                settings.windowLength);
        int held = Math.min(MOST_HELD_OUT, Math.max(1, all.count() / HELD_OUT));
        // Spread over the text, since its end may be of another kind than its beginning.
        List<Integer> training = new ArrayList<>();
        List<Integer> validation = new ArrayList<>();
        for (int window = 0; window < all.count(); window++) {
            boolean out = (long) (window + 1) * held / all.count() > (long) window * held / all.count();
            (out ? validation : training).add(window);
        }
        return new TrainingTexts(all.only(training), all.only(validation));
    }

    void addTo(Hasher hasher) {
        training.addTo(hasher);
        validation.addTo(hasher);
    }
}
