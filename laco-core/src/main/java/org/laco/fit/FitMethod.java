package org.laco.fit;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What is fitted: the regression's inputs, and the change of the map that its solution stands for. */
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

    /** Returns the number of features of a map with so many inputs and outputs. */
    long count(long in, long out);

    /**
     * Turns a solution into a change of the map.
     *
     * @param solution the solution in double, {@code [features, out]}
     * @param map the map, {@code [in, out]}
     * @return the change in float32, {@code [in, out]}, a new array
     */
    INDArray change(INDArray solution, INDArray map);
}
