package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How little each layer, and each run of layers, changes the hidden states, measured in one pass.
 *
 * <pre>{@code
 * LayerSimilarity similarity = LayerSimilarity.measure(model, calibration, MeasureSettings.defaults());
 * similarity.blockInfluence().get(7);      // 0.019: layer 7 hardly turns a token's hidden state
 * similarity.lastToken().closestRun(4);    // 20: layers 20 to 23 change it least
 * }</pre>
 *
 * @param adjacentCosine for each layer the cosine between what enters and what leaves it, all positions of a sequence flattened to one
 *     vector, mean over the sequences
 * @param runInfluence for each first layer 1 − the cosine between what enters and what leaves the runs of length 1, 2, … up to the last layer
 *     at one position, mean over all positions (LLM-Streamline, <a href="https://arxiv.org/abs/2403.19135">arXiv 2403.19135</a>)
 * @param lastToken the angular distance over each run of layers at the last position, mean over the sequences
 * @param lastTokenNormed the same as {@code lastToken}, but what leaves the last layer is taken after the final norm, as transformers'
 *     hidden states have it; it differs for runs that end with the last layer
 * @param allTokens the distance of {@code lastToken}, mean over all positions
 */
public record LayerSimilarity(
        ImmutableList<Double> adjacentCosine,
        ImmutableList<ImmutableList<Double>> runInfluence,
        AngularDistances lastToken,
        AngularDistances lastTokenNormed,
        AngularDistances allTokens) {
    /**
     * Returns how much each layer turns the hidden states (ShortGPT, <a href="https://arxiv.org/abs/2403.03853">arXiv 2403.03853</a>).
     *
     * @return for each layer 1 − the cosine between what enters and what leaves it at one position, mean over all positions
     */
    public ImmutableList<Double> blockInfluence() {
        return runInfluence.stream().map(runs -> runs.get(0)).collect(ImmutableList.toImmutableList());
    }

    /**
     * Measures a model. All hidden states of a group of batches are kept at once, so {@link MeasureSettings#hiddenBytes} counts one
     * more matrix than there are layers, and another one after the final norm.
     *
     * @param stack the model
     * @param calibration the sequences
     * @param settings how the work is divided
     * @return the similarities
     * @throws IllegalArgumentException if the sequences don't fit the model
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static LayerSimilarity measure(LayerStack stack, Calibration calibration, MeasureSettings settings) {
        int layers = stack.layerCount();
        Progress progress = new Progress(
                settings.listener(), (double) layers * calibration.layout().rows());
        HiddenStateAngles angles = new HiddenStateAngles(layers);
        ImmutableList<SequenceBatch> batches = SequenceBatch.divide(calibration, settings.batchRows());
        try (LayerwisePass run = new LayerwisePass(stack, progress)) {
            int next = 0;
            while (next < batches.size()) {
                List<INDArray> entering = run.embed(batches.subList(next, next + 1));
                long bytes = entering.get(0).length() * Float.BYTES * (layers + 2L);
                long rows = batches.get(next).layout().rows();
                ImmutableList<SequenceBatch> group = SequenceBatch.group(
                                batches.subList(next, batches.size()),
                                settings.hiddenBytes() / Math.max(1, bytes / rows))
                        .get(0);
                measure(run, group, entering, angles);
                next += group.size();
            }
        }
        return angles.result();
    }

    private static void measure(
            LayerwisePass run, ImmutableList<SequenceBatch> group, List<INDArray> first, HiddenStateAngles angles) {
        List<List<INDArray>> states = new ArrayList<>();
        states.add(first);
        try {
            first.addAll(run.embed(group.subList(1, group.size())));
            for (int layer = 0; layer < angles.layers(); layer++) {
                List<INDArray> leaving = new ArrayList<>();
                states.add(leaving);
                run.layer(layer, group, states.get(layer), (batch, hidden) -> leaving.add(hidden));
            }
            for (int i = 0; i < group.size(); i++) {
                int batch = i;
                List<INDArray> hidden = states.stream()
                        .map(boundary -> run.hiddenStates(boundary.get(batch)))
                        .toList();
                try (INDArray normed = run.finish(states.get(angles.layers()).get(i))) {
                    angles.add(hidden, normed, group.get(i).layout());
                } finally {
                    for (int boundary = 0; boundary < hidden.size(); boundary++) {
                        if (hidden.get(boundary) != states.get(boundary).get(batch)) {
                            hidden.get(boundary).close();
                        }
                    }
                }
            }
        } finally {
            states.forEach(boundary -> boundary.forEach(INDArray::close));
        }
    }
}
