package org.laco.model;

import java.util.HashMap;
import java.util.Map;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights of a model's first layers kept loaded as far as they fit a bound; the others come and go. */
final class ResidentWeights implements AutoCloseable {
    private final CausalModel model;
    private final ArrayPool pool = ArrayPool.create();
    private final Map<Integer, LayerWeights> kept = new HashMap<>();
    private final int keptLayers;

    ResidentWeights(CausalModel model, long bytes) {
        this.model = model;
        int fitting = 0;
        long left = bytes;
        while (fitting < model.layerCount()) {
            left -= bytes(fitting);
            if (left < 0) {
                break;
            }
            fitting++;
        }
        this.keptLayers = fitting;
    }

    INDArray forward(int layer, INDArray hidden, SequenceLayout sequences) {
        if (layer < keptLayers) {
            LayerWeights weights = kept.computeIfAbsent(layer, missing -> LayerWeights.load(model.tensors(missing)));
            return model.forward(layer, weights, hidden, sequences);
        }
        try (LayerWeights weights = LayerWeights.load(model.tensors(layer), pool)) {
            return model.forward(layer, weights, hidden, sequences);
        }
    }

    private long bytes(int layer) {
        return model.tensors(layer).values().stream()
                .mapToLong(tensor -> tensor.tensor().length() * Float.BYTES)
                .sum();
    }

    @Override
    public void close() {
        kept.values().forEach(LayerWeights::close);
        pool.close();
    }
}
