package org.laco.fit;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The matrix of least squares without a constraint, {@code I + (XᵀX + εI)⁻¹ Xᵀ(Y − X)} for all rows X before and Y after the gap, with the ε of
 * the code of Ghosted Layers.
 */
final class LeastSquares implements PatchSums {
    private static final double EPSILON = 1e-6;

    private final int width;
    private final NormalEquations equations;

    LeastSquares(int width) {
        this.width = width;
        this.equations = new NormalEquations(width, width, 1);
    }

    @Override
    public void add(INDArray before, INDArray after, SequenceLayout sequences) {
        try (INDArray lacking = after.sub(before)) {
            equations.add(before, ImmutableList.of(lacking));
        }
    }

    @Override
    public INDArray matrix() {
        INDArray[] matrix = new INDArray[1];
        equations.solve(mean -> EPSILON, (kind, solution) -> {
            try (INDArray identity = Nd4j.eye(width).castTo(DataType.DOUBLE);
                    INDArray sum = solution.add(identity)) {
                matrix[0] = sum.castTo(DataType.FLOAT).dup('c');
            }
        });
        return matrix[0];
    }

    @Override
    public void close() {
        equations.close();
    }
}
