package org.laco.kernel;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The rows of a float32 matrix in 'c' order, changed from the host: an operation a row would cost more than its arithmetic. */
final class HostRows {
    private final INDArray matrix;

    HostRows(INDArray matrix) {
        this.matrix = matrix;
    }

    void addScaled(int[] rows, INDArray x, float[] scales) {
        Nd4j.getExecutioner().commit();
        int width = Math.toIntExact(matrix.size(1));
        float[] target = new float[width];
        float[] added = new float[width];
        // Not closed: the memory is the arrays'.
        FloatPointer to = pointer(matrix);
        FloatPointer from = pointer(x);
        for (int i = 0; i < rows.length; i++) {
            to.position((long) rows[i] * width).get(target);
            from.position((long) i * width).get(added);
            for (int column = 0; column < width; column++) {
                target[column] += added[column] * scales[i];
            }
            to.put(target);
        }
        Nd4j.getAffinityManager().tagLocation(matrix, Location.HOST);
    }

    private static FloatPointer pointer(INDArray array) {
        Nd4j.getAffinityManager().ensureLocation(array, Location.HOST);
        return new FloatPointer(array.data().addressPointer());
    }
}
