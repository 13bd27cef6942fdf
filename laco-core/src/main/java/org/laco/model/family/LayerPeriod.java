package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;

/**
 * Layers that a configuration names by a period and the first of them: those whose number leaves the offset when divided by the period.
 *
 * @param what what these layers have, for messages
 * @param periodKey the key of the period
 * @param offsetKey the key of the offset
 */
record LayerPeriod(String what, String periodKey, String offsetKey) {
    /** Says of each layer whether it is named. */
    ImmutableList<Boolean> read(ModelConfig config) {
        int period = config.integer(periodKey, Range.COUNT);
        int offset = config.integer(offsetKey, Range.between(0, period - 1));
        return named(Dimensions.layers(config), period, offset);
    }

    private static ImmutableList<Boolean> named(int layers, int period, int offset) {
        return IntStream.range(0, layers).mapToObj(i -> i % period == offset).collect(ImmutableList.toImmutableList());
    }

    /** Keeps each planned layer what its base was, by another period if the original one no longer says so. */
    ModelConfig keep(ModelConfig config, ModelConfig collapsed, CollapsePlan plan) {
        ImmutableList<Boolean> wanted = LayerKeys.pick(read(config), plan);
        if (read(collapsed).equals(wanted)) {
            return collapsed;
        }
        int first = wanted.indexOf(true);
        if (first < 0) {
            return with(collapsed, wanted.size() + 1, wanted.size());
        }
        int period = IntStream.rangeClosed(first + 1, wanted.size())
                .filter(each -> named(wanted.size(), each, first).equals(wanted))
                .findFirst()
                .orElse(0);
        checkArgument(
                period > 0,
                "config.json: %s and %s can't describe which layers of the collapsed model have %s, of %s: they must be equally far"
                        + " apart, so drop as many layers between each two of them",
                periodKey,
                offsetKey,
                what,
                numbers(wanted));
        return with(collapsed, period, first);
    }

    private ModelConfig with(ModelConfig collapsed, int period, int offset) {
        return collapsed.with(periodKey, period).with(offsetKey, offset);
    }

    private static String numbers(ImmutableList<Boolean> named) {
        return IntStream.range(0, named.size()).filter(named::get).boxed().toList() + " in " + named.size();
    }
}
