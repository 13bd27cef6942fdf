package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;
import java.util.Optional;
import org.laco.stack.OutsideTensor;
import org.laco.tensor.TensorRole;

/**
 * Which weights of a collapsed model are trained, and in which form.
 *
 * <pre>{@code
 * TrainedWeights.ofMergedLayers();               // the default
 * TrainedWeights.ofAllLayers().lowRank(16, 32);  // adapters of rank 16, folded into the weights at the end
 * }</pre>
 *
 * @param layers which layers' weights are trained
 * @param last how many layers from the top {@link Layers#LAST} means, 0 for the others
 * @param norms whether the norms of all layers and the final one are trained too
 * @param outside what is trained outside of the layers beside that
 * @param adapters the adapters by which linear maps are trained, empty if the weights themselves are
 */
public record TrainedWeights(Layers layers, int last, boolean norms, Outside outside, Optional<LowRank> adapters) {
    /** Which layers. */
    public enum Layers {
        /** Those that hold several layers of the original, or weights that were fitted. */
        MERGED,
        /** Some from the top. */
        LAST,
        /** All of them. */
        ALL,
    }

    /** What is trained outside of the layers. */
    public enum Outside {
        /** Nothing. */
        NOTHING,
        /** A head that is not the embedding. */
        HEAD,
        /** Embedding, final norm and head. */
        ALL,
    }

    /**
     * Low-rank adapters (Hu et al., arXiv 2106.09685): a linear map's weight W becomes W + α/r · B·A.
     *
     * @param rank r, the rows of A and columns of B, at least 1
     * @param alpha α, above 0
     */
    public record LowRank(int rank, double alpha) {
        /** Checks the ranges. */
        public LowRank {
            checkArgument(rank >= 1, "an adapter's rank is %s, expected at least 1", rank);
            checkArgument(alpha > 0 && Double.isFinite(alpha), "an adapter's alpha is %s, expected above 0", alpha);
        }

        double scale() {
            return alpha / rank;
        }
    }

    /** Checks the number of layers. */
    public TrainedWeights {
        checkArgument(
                layers == Layers.LAST ? last >= 1 : last == 0,
                "%s layers from the top can't be trained of %s layers",
                last,
                layers);
    }

    /**
     * Trains the layers that were merged or fitted.
     *
     * @return all their weights
     */
    public static TrainedWeights ofMergedLayers() {
        return new TrainedWeights(Layers.MERGED, 0, false, Outside.NOTHING, Optional.empty());
    }

    /**
     * Trains the layers nearest to the output.
     *
     * @param count how many, at least 1
     * @return all their weights
     */
    public static TrainedWeights ofLastLayers(int count) {
        return new TrainedWeights(Layers.LAST, count, false, Outside.NOTHING, Optional.empty());
    }

    /**
     * Trains every layer.
     *
     * @return all their weights; what lies outside of the layers stays as it is
     */
    public static TrainedWeights ofAllLayers() {
        return new TrainedWeights(Layers.ALL, 0, false, Outside.NOTHING, Optional.empty());
    }

    /**
     * Trains every weight there is.
     *
     * @return the weights of all layers, the embedding, the final norm and the head
     */
    public static TrainedWeights ofEverything() {
        return new TrainedWeights(Layers.ALL, 0, true, Outside.ALL, Optional.empty());
    }

    /**
     * Trains the head as well.
     *
     * @return these weights and the head's, which can't be the embedding
     */
    public TrainedWeights withHead() {
        return new TrainedWeights(layers, last, norms, Outside.HEAD, adapters);
    }

    /**
     * Trains the norms of all layers and the final one as well.
     *
     * @return these weights and the norms
     */
    public TrainedWeights withNorms() {
        return new TrainedWeights(layers, last, true, outside, adapters);
    }

    /**
     * Trains linear maps by low-rank adapters; norms and biases are left as they are unless {@link #withNorms} asks for norms.
     *
     * @param rank r, at least 1
     * @param alpha α, the adapters' factor times r
     * @return the same weights in that form
     */
    public TrainedWeights lowRank(int rank, double alpha) {
        return new TrainedWeights(layers, last, norms, outside, Optional.of(new LowRank(rank, alpha)));
    }

    /**
     * Names the selection for the record.
     *
     * @return such as {@code merged}, {@code last-2 and norms}, or {@code all by adapters of rank 16}
     */
    public String name() {
        String of = layers == Layers.LAST ? "last-" + last : layers.toString().toLowerCase(Locale.ROOT);
        if (outside == Outside.ALL) {
            return "everything";
        }
        return of
                + (outside == Outside.HEAD ? " and head" : "")
                + (norms ? " and norms" : "")
                + adapters.map(adapter -> " by adapters of rank " + adapter.rank())
                        .orElse("");
    }

    /** Returns whether a weight is trained. */
    boolean includes(int layer, int layerCount, boolean merged, TensorRole role) {
        if (role == TensorRole.BUFFER) {
            return false;
        }
        if (norms && role == TensorRole.NORM) {
            return true;
        }
        boolean chosen =
                switch (layers) {
                    case MERGED -> merged;
                    case LAST -> layer >= layerCount - last;
                    case ALL -> true;
                };
        return chosen && (adapters.isEmpty() || role == TensorRole.LINEAR);
    }

    /** Returns whether a weight outside of the layers is trained. */
    boolean includes(OutsideTensor tensor) {
        return outside == Outside.ALL
                || outside == Outside.HEAD && tensor.part() == OutsideTensor.Part.HEAD
                || norms && tensor.part() == OutsideTensor.Part.NORM;
    }
}
