package org.laco.fit;

import org.laco.base.Internal;
import org.laco.plan.FittedTensor;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The rows that a plan's maps are fitted to, wherever they are computed. Batches of them are computed by themselves and what they give
 * is added in their order, so that where they are computed changes no bit of a fit.
 */
@Internal
public interface FitRows extends AutoCloseable {
    /**
     * Computes the rows in this process.
     *
     * @param stack the original model
     * @param sequences the sequences to fit to
     * @param refit how to fit
     * @return the rows, which the caller closes
     */
    static FitRows local(LayerStack stack, Calibration sequences, Fit refit) {
        return new LocalFitRows(stack, refit, FitBatch.divide(sequences, refit));
    }

    /**
     * Divides the rows among others.
     *
     * @param stack the original model
     * @param sequences the sequences to fit to
     * @param refit how to fit
     * @param workers who computes, with the same sequences and settings; closed with the rows
     * @return the rows, which the caller closes
     */
    static FitRows divided(LayerStack stack, Calibration sequences, Fit refit, FitWorkers workers) {
        return new DividedFitRows(stack, refit, FitBatch.divide(sequences, refit), workers, DividedFitRows.MOST_BYTES);
    }

    /**
     * Adds up what the rows of a place say.
     *
     * @param place the place, from the lowest of a plan up
     * @param equations receives the sums
     */
    void sums(FitPlace place, Sums equations);

    /** Receives sums. */
    interface Sums {
        /**
         * Adds the products of one batch, those of a tile in the order of batches. Several threads may do so at the same time, for
         * several tiles.
         *
         * @param tile the number of the tile
         * @param products the products in double and 'f' order, freed by whom they are given to
         */
        void add(int tile, INDArray products);
    }

    /**
     * Measures a place's own error with a weight on the rows that are measured.
     *
     * @param place the place
     * @param weight the weight
     * @return the sums of squares
     */
    Errors errors(FitPlace place, FittedTensor weight);

    /**
     * Sums of squares over rows with weights w: with a change D of the map, residuals R, and targets H.
     *
     * @param before Σ w ‖R‖²
     * @param after Σ w ‖R − X D‖²
     * @param all Σ w ‖H‖²
     */
    record Errors(double before, double after, double all) {
        static final Errors NONE = new Errors(0, 0, 0);

        Errors plus(Errors more) {
            return new Errors(before + more.before, after + more.after, all + more.all);
        }

        double relativeBefore() {
            return Math.sqrt(before / all);
        }

        double relativeAfter() {
            return Math.sqrt(after / all);
        }
    }

    /**
     * Starts to compare weights of a place by what the original's layers above make of them.
     *
     * @param place the place
     * @return the comparison, of which the layer as it is is the first
     */
    Comparison compare(FitPlace place);

    /** A comparison of weights. */
    interface Comparison extends AutoCloseable {
        /**
         * Adds a weight.
         *
         * @param weight the weight, whose values may be freed afterwards
         */
        void add(FittedTensor weight);

        /**
         * Returns the number of the best weight.
         *
         * @return 0 for the layer as it is, otherwise that of the weight in the order in which they were added, from 1
         */
        int best();

        @Override
        void close();
    }

    /**
     * Returns the size of the hidden states that were held at once at most in one process.
     *
     * @return the bytes
     */
    long stateBytes();

    /**
     * Returns the size of what was held of a batch at once at most in one process.
     *
     * @return the bytes of activations, outputs, residuals and products
     */
    long batchBytes();

    /** Frees what is kept. */
    @Override
    void close();
}
