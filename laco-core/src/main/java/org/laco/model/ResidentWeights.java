package org.laco.model;

import java.util.HashMap;
import java.util.Map;
import org.laco.plan.SourceLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights of a model's first layers kept loaded as far as they fit a bound; the others come and go. */
final class ResidentWeights implements AutoCloseable {
    private final LayerStack model;
    private final LayerRunner runner;
    private final Map<Integer, LoadedLayer> kept = new HashMap<>();
    private final int keptLayers;

    ResidentWeights(LayerStack model, long bytes) {
        this.model = model;
        this.runner = LayerRunner.of(model).holding(Long.MAX_VALUE);
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
        return layer < keptLayers
                ? kept.computeIfAbsent(layer, missing -> runner.load(SourceLayer.of(missing)))
                        .run(hidden, sequences)
                : runner.run(SourceLayer.of(layer), hidden, sequences);
    }

    private long bytes(int layer) {
        return model.tensors(layer).values().stream()
                .mapToLong(tensor -> tensor.tensor().length() * Float.BYTES)
                .sum();
    }

    @Override
    public void close() {
        kept.values().forEach(LoadedLayer::close);
        runner.close();
    }
}
