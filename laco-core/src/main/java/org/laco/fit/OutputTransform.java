package org.laco.fit;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A linear transform of the map's output is fitted, {@code map · (I + T)}. */
record OutputTransform() implements FitMethod {
    @Override
    public String name() {
        return "transform";
    }

    @Override
    public INDArray features(INDArray activations, INDArray map) {
        return activations.mmul(map);
    }

    @Override
    public long count(long in, long out) {
        return out;
    }

    @Override
    public INDArray map(INDArray solution, INDArray map, double step) {
        try (INDArray transform = solution.castTo(DataType.FLOAT)) {
            return map.mmul(transform).muli(step).addi(map);
        }
    }
}
