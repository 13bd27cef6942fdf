package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CheckpointWriter;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.stack.Calibration;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Collapses a model that is held in arrays and never was a file. */
public final class CollapseAModelInMemory {
    private CollapseAModelInMemory() {}

    /**
     * Merges two layers, writes the result, and gives its weights back.
     *
     * @param config what {@code config.json} would say, such as {@code ModelConfig.of(Map.of("model_type", "llama", …))}
     * @param arrays the weights by the names that transformers gives them
     * @param calibration the sequences on which the result is measured
     * @param out the directory to write
     * @return the collapsed weights, which the caller closes
     * @throws IOException if the result can't be written
     */
    public static Map<String, INDArray> collapse(
            ModelConfig config, Map<String, INDArray> arrays, Calibration calibration, Path out) throws IOException {
        try (CausalModel model = CausalModel.of(config, InMemoryTensors.of(arrays))) {
            CollapseResult result =
                    LayerCollapse.builder().calibration(calibration).build().merge(model, 9, 1);
            CheckpointWriter.builder().build().write(result, out); // config.json, weights and record

            result.arrays().forEach((name, array) -> System.out.println(name + " " + array.shapeInfoToString()));
            return result.arrays().load(); // all at once; array(name) makes one
        }
    }
}
