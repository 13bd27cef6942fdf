package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.ToLongFunction;
import org.laco.stack.Footprint;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;

/** How small the collapsed model is to be. */
final class Target {
    /** What is limited. */
    private enum Kind {
        LAYERS,
        RATIO,
        BYTES
    }

    private final Kind kind;
    private final double amount;

    private Target(Kind kind, double amount) {
        this.kind = kind;
        this.amount = amount;
    }

    static Target layers(int layers) {
        checkArgument(layers >= 1, "a model needs at least one layer, not a target of %s", layers);
        return new Target(Kind.LAYERS, layers);
    }

    static Target ratio(double ratio) {
        checkArgument(
                ratio > 0 && ratio < 1, "the share of parameters to remove must be between 0 and 1, not %s", ratio);
        return new Target(Kind.RATIO, ratio);
    }

    static Target bytes(long bytes) {
        checkArgument(bytes > 0, "a model needs at least one byte, not a target of %s", bytes);
        return new Target(Kind.BYTES, bytes);
    }

    /**
     * Finds the highest number of layers that meets the target whichever layers are removed; where they differ in size, each removed
     * one counts as the smallest.
     *
     * @throws IllegalArgumentException if the target is above what the model has, or a single layer would miss it
     */
    int layersOf(LayerStack stack) {
        int layers = stack.layerCount();
        return switch (kind) {
            case LAYERS -> {
                checkArgument(
                        amount <= layers,
                        "the target of %s layers is more than the model has: %s",
                        (int) amount,
                        layers);
                yield (int) amount;
            }
            case RATIO -> {
                long total =
                        total(stack, Target::parameters) + Footprint.of(stack).parametersOutsideLayers();
                yield layersFor(stack, amount * total, Target::parameters);
            }
            case BYTES -> {
                long total = total(stack, Target::bytes) + Footprint.of(stack).bytesOutsideLayers();
                yield layersFor(stack, total - amount, Target::bytes);
            }
        };
    }

    private int layersFor(LayerStack stack, double toRemove, ToLongFunction<LayerTensor> size) {
        long smallest = Long.MAX_VALUE;
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            smallest = Math.min(smallest, layer(stack, layer, size));
        }
        double removed = Math.max(0, Math.ceil(toRemove / smallest));
        checkArgument(
                removed < stack.layerCount(),
                "the target of %s can't be met by removing layers: of %s layers %s would have to go",
                this,
                stack.layerCount(),
                (long) removed);
        return stack.layerCount() - (int) removed;
    }

    private static long total(LayerStack stack, ToLongFunction<LayerTensor> size) {
        long total = 0;
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            total += layer(stack, layer, size);
        }
        return total;
    }

    private static long layer(LayerStack stack, int layer, ToLongFunction<LayerTensor> size) {
        return stack.tensors(layer).values().stream().mapToLong(size).sum();
    }

    private static long parameters(LayerTensor tensor) {
        return tensor.role() == TensorRole.BUFFER ? 0 : tensor.tensor().length();
    }

    private static long bytes(LayerTensor tensor) {
        StoredTensor stored = tensor.tensor();
        return stored.byteLength();
    }

    @Override
    public String toString() {
        return switch (kind) {
            case LAYERS -> (int) amount + " layers";
            case RATIO -> amount + " of the parameters less";
            case BYTES -> (long) amount + " bytes";
        };
    }
}
