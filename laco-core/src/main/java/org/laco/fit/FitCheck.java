package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;

/** Refuses a refit for which there is too little to fit to, before anything is run. */
final class FitCheck {
    private FitCheck() {}

    /**
     * Checks the sequences that layers from the given one up would be fitted to; those that can't be fitted are left out.
     *
     * @throws UnsupportedOperationException if none of the layers can be fitted; the message says why not
     */
    static void require(LayerStack stack, int low, Calibration sequences, Fit refit) {
        int count = sequences.layout().count();
        checkArgument(
                count >= 2 || !refit.method().isJudged(),
                "a refit needs at least 2 calibration sequences, one of them held out, not %s",
                count);
        UnsupportedOperationException first = null;
        boolean any = false;
        for (int layer = low; layer < stack.layerCount(); layer++) {
            OutputMap map;
            try {
                map = Fittable.of(stack).outputMap(layer);
            } catch (UnsupportedOperationException e) {
                // Whether this layer has to be fitted is known when the layers are chosen, and then it is refused for
                // what it is.
                first = first == null ? e : first;
                continue;
            }
            any = true;
            require(stack, layer, map, sequences.layout().rows(), refit);
        }
        if (!any && first != null) {
            throw new UnsupportedOperationException(
                    first.getMessage() + ", and so it is in every layer: leave the refit out");
        }
    }

    /**
     * Takes as many of the first sequences as fits of layers from the given one up need, at least eight so that one is held out.
     *
     * @param perInput how many tokens are needed for each input of a fitted weight
     */
    static Calibration enough(LayerStack stack, int low, Calibration sequences, Fit refit, int perInput) {
        long needed = 0;
        for (int layer = low; layer < stack.layerCount(); layer++) {
            try {
                needed =
                        Math.max(needed, inputs(stack, layer, Fittable.of(stack).outputMap(layer), refit) * perInput);
            } catch (UnsupportedOperationException e) {
                continue;
            }
        }
        SequenceLayout layout = sequences.layout();
        int count = 0;
        while (count < layout.count() && (count < FitBatch.MEASURED_EVERY || layout.start(count) < needed)) {
            count++;
        }
        return count == layout.count() ? sequences : sequences.sequences(0, count);
    }

    private static void require(LayerStack stack, int layer, OutputMap map, long tokens, Fit refit) {
        long inputs = inputs(stack, layer, map, refit);
        long needed = inputs * refit.tokensPerInput();
        checkArgument(
                tokens >= needed,
                "layer %s's %s can't be refit to %s calibration tokens: the %s has %s inputs there and needs %s tokens for each, "
                        + "%s in all; give a longer text, or allow fewer tokens per input",
                layer,
                map.weight(),
                tokens,
                refit.method().name(),
                inputs,
                refit.tokensPerInput(),
                needed);
    }

    private static long inputs(LayerStack stack, int layer, OutputMap map, Fit refit) {
        StoredTensor weight = stack.tensors(layer).get(map.weight()).tensor();
        long in = weight.shape()[map.inputFirst() ? 0 : 1];
        long out = weight.shape()[map.inputFirst() ? 1 : 0];
        return refit.method().count(in, out);
    }
}
