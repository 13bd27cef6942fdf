package org.laco.measure;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers that turn the plane: the row at position p by (p + 1) times the layer's angle. */
final class RotatingStack implements LayerStack {
    private final double[] angles;
    private final ImmutableList<ImmutableMap<String, LayerTensor>> tensors;

    RotatingStack(double[] angles, ImmutableList<ImmutableMap<String, LayerTensor>> tensors) {
        this.angles = angles;
        this.tensors = tensors;
    }

    @Override
    public int layerCount() {
        return angles.length;
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return tensors.get(layer);
    }

    @Override
    public INDArray embed(Calibration calibration) {
        INDArray[] rows = new INDArray[calibration.layout().count()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = calibration.features(i);
        }
        return Nd4j.vstack(rows).dup('c');
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        float[][] rows = hidden.toFloatMatrix();
        for (int i = 0; i < sequences.count(); i++) {
            for (int at = 0; at < sequences.length(i); at++) {
                double angle = (at + 1) * angles[layer];
                float[] row = rows[sequences.start(i) + at];
                double x = row[0] * Math.cos(angle) - row[1] * Math.sin(angle);
                row[1] = (float) (row[0] * Math.sin(angle) + row[1] * Math.cos(angle));
                row[0] = (float) x;
            }
        }
        return Nd4j.create(rows);
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return hidden.dup('c');
    }
}
