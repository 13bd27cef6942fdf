package org.laco.stack;

import java.util.Optional;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A language model that isn't one of the library's own: tokens 0 to 2 embedded in the plane, {@link ToyStack}'s layers, and logits that
 * are the hidden state's products with the embeddings.
 */
public final class ToyLanguageStack extends ForwardingStack {
    private static final float[][] TABLE = {{1, 0}, {0, 1}, {0.6f, -0.8f}};

    private ToyLanguageStack(LayerStack layers) {
        super(layers);
    }

    /** Returns a model of so many layers. */
    public static ToyLanguageStack ofLayers(int layers) {
        return new ToyLanguageStack(ToyStack.ofLayers(layers));
    }

    @Override
    public INDArray embed(Calibration calibration) {
        float[][] rows = new float[calibration.layout().rows()][];
        int row = 0;
        for (int i = 0; i < calibration.layout().count(); i++) {
            for (int token : calibration.tokens(i)) {
                rows[row++] = TABLE[token].clone();
            }
        }
        return Nd4j.createFromArray(rows);
    }

    @Override
    public int vocabulary() {
        return TABLE.length;
    }

    @Override
    public INDArray logits(INDArray output) {
        return output.mmul(Nd4j.createFromArray(TABLE).transpose()).dup('c');
    }

    @Override
    public long parametersOutsideLayers() {
        return 6;
    }

    @Override
    public long bytesOutsideLayers() {
        return 24;
    }

    @Override
    public long loadedBytes(int layer, boolean merged) {
        return merged ? 16 : 100 + layer;
    }

    @Override
    public Optional<LayerStack> in(Precision precision) {
        return Optional.of(new ToyLanguageStack(delegate()));
    }

    @Override
    public boolean hasOwnThreads() {
        return true;
    }
}
