package org.laco.fit;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What is fitted: the regression's inputs and targets, and the map that its solution stands for. */
interface FitMethod {
    String name();

    /**
     * Makes the inputs of the regression.
     *
     * @param activations what enters the map, {@code [rows, in]}
     * @param map the map, {@code [in, out]}
     * @return the inputs {@code [rows, features]}; the activations themselves or a new array
     */
    INDArray features(INDArray activations, INDArray map);

    /**
     * Makes the targets of the regression. The default is what the output lacks.
     *
     * @param residuals what the output lacks, {@code [rows, out]}; may be changed
     * @param features the inputs of the regression
     * @return the targets {@code [rows, out]}, the residuals' own array
     */
    default INDArray targets(INDArray residuals, INDArray features) {
        return residuals;
    }

    /** Returns the number of features of a map with so many inputs and outputs. */
    long count(long in, long out);

    /**
     * Returns what is added to the diagonal of the features' Gram matrix. The default is the mean diagonal times the ridge.
     *
     * @param ridge the ridge that was asked for
     * @param meanDiagonal the mean of the diagonal
     */
    default double shift(double ridge, double meanDiagonal) {
        return ridge * meanDiagonal;
    }

    /**
     * Turns a solution into a map.
     *
     * @param solution the solution in double, {@code [features, out]}
     * @param map the map, {@code [in, out]}
     * @param step how far to go from the map toward the solution, 1 for all the way
     * @return the fitted map in float32, {@code [in, out]}, a new array
     */
    INDArray map(INDArray solution, INDArray map, double step);

    /**
     * Returns whether some sequences are held out and decide whether and which fit is taken, and the others' rows are weighted. If not,
     * every row counts alike, those of first positions too, and the fit is taken as it is. The default is yes.
     */
    default boolean isJudged() {
        return true;
    }

    /** Returns whether what a layer at the top is fitted to is taken after the final norm. The default is no. */
    default boolean endsAfterNorm() {
        return false;
    }
}
