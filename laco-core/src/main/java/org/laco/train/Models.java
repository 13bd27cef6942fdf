package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.LanguageStack;

/**
 * The model that is trained and the original that it is trained toward.
 *
 * @param trained the collapsed model
 * @param original the original, empty if no divergence from one is asked for
 * @param shared how many layers at the bottom are the same in both, so that they are run once
 */
record Models(LanguageStack trained, Optional<LanguageStack> original, int shared) {
    Models {
        original.ifPresent(model -> checkArgument(
                model.vocabulary() == trained.vocabulary(),
                "the original has a vocabulary of %s tokens, the model that is to be trained one of %s",
                model.vocabulary(),
                trained.vocabulary()));
    }

    /** Layers of a model, from the bottom up. */
    static List<PlannedLayer> layers(int from, int to) {
        return IntStream.range(from, to).<PlannedLayer>mapToObj(SourceLayer::of).toList();
    }
}
