package org.laco.fit;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every element of the map is fitted. */
record WholeMap() implements FitMethod {
    @Override
    public String name() {
        return "ridge";
    }

    @Override
    public INDArray features(INDArray activations, INDArray map) {
        return activations;
    }

    @Override
    public long count(long in, long out) {
        return in;
    }

    @Override
    public INDArray map(INDArray solution, INDArray map, double step) {
        return solution.castTo(DataType.FLOAT).muli(step).addi(map);
    }
}
