package org.laco.measure;

import java.util.Arrays;
import java.util.List;
import org.laco.base.Cancellation;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sums of inner products of weights for each pair of layers, and of the squared norms of the weights that entered each. */
final class WeightProducts {
    /** How many elements of all layers together are held in double at once, 64 MiB. */
    private static final long ELEMENTS = 1 << 23;

    private final double[][] products;
    /** Entry [i][j] is the squared norm of layer i's weights as far as layer j has them too. */
    private final double[][] squares;

    WeightProducts(int layers) {
        products = new double[layers][layers];
        squares = new double[layers][layers];
    }

    /** Adds the tensors of layers, all of one shape, read in blocks of rows. */
    void add(StoredTensor[] tensors, List<Integer> layers, Progress progress) {
        long[] shape = tensors[layers.get(0)].shape();
        long rowLength = tensors[layers.get(0)].length() / shape[0];
        long blockRows = Math.max(1, ELEMENTS / layers.size() / rowLength);
        for (long from = 0; from < shape[0]; from += blockRows) {
            long[] blockShape = shape.clone();
            blockShape[0] = Math.min(blockRows, shape[0] - from);
            try (INDArray block = Nd4j.createUninitialized(DataType.DOUBLE, blockShape, 'c');
                    INDArray stacked = Nd4j.createUninitialized(
                            DataType.DOUBLE, new long[] {layers.size(), block.length()}, 'c')) {
                for (int i = 0; i < layers.size(); i++) {
                    Cancellation.stopIfInterrupted();
                    tensors[layers.get(i)].copyRows(from, block);
                    stacked.getRow(i).assign(block.reshape(block.length()));
                    progress.advance(block.length());
                }
                try (INDArray gram = stacked.mmul(stacked.transpose())) {
                    add(gram.toDoubleMatrix(), layers);
                }
            }
        }
    }

    private void add(double[][] gram, List<Integer> layers) {
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < gram.length; j++) {
                products[layers.get(i)][layers.get(j)] += gram[i][j];
                squares[layers.get(i)][layers.get(j)] += gram[i][i];
            }
        }
    }

    /** Adds the sums of other weights of the same layers. */
    void add(WeightProducts other) {
        for (int i = 0; i < products.length; i++) {
            for (int j = 0; j < products.length; j++) {
                products[i][j] += other.products[i][j];
                squares[i][j] += other.squares[i][j];
            }
        }
    }

    LayerMatrix cosines() {
        double[][] cosines = new double[products.length][products.length];
        for (int i = 0; i < cosines.length; i++) {
            int row = i;
            Arrays.setAll(
                    cosines[i],
                    column -> products[row][column] / Math.sqrt(squares[row][column] * squares[column][row]));
        }
        return new LayerMatrix(cosines);
    }
}
