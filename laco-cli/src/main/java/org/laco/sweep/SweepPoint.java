package org.laco.sweep;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one method made of the model at one size, and how good that is.
 *
 * @param method the method's name, {@code original} for the model itself
 * @param layers the number of layers
 * @param parameters the number of parameters
 * @param removed the share of the original's parameters that was removed
 * @param similarity the paper's cosine on the calibration sequences
 * @param perplexity the perplexity on each text
 * @param accuracy the share of questions answered right, null if none were asked
 * @param choices further figures on the questions: {@code accuracyStandardError}, {@code accNorm}, {@code accBytes} and their standard
 *     errors, as lm-evaluation-harness has them; empty if none were asked
 * @param tasks the answers to the questions of each task, empty if there are none
 * @param topAgreement on the first text, the share of positions at which the original would go on with the same token
 * @param divergence on the first text, the mean divergence from the original's next-token distributions in nats
 * @param measures further figures on the calibration sequences
 * @param seconds how long the search and the refit took, without what a search before had measured already; 0 for what a training made of
 *     a point, whose search it is
 * @param trainingSeconds how long the training took, since it was last resumed
 * @param measuringSeconds how long perplexities, answers and samples took
 * @param sources the original layers inside each layer
 * @param refit the numbers of the layers whose weights were fitted
 * @param samples how it goes on with each prompt
 * @param addedMatrices the numbers of the layers behind which a matrix was added on the residual stream. No checkpoint of the model's
 *     structure has a place for one, so that a point with any is a measuring stick for the others and no model that can be had
 * @param trainedTokens how many tokens it was trained on after the search, 0 without a training
 */
public record SweepPoint(
        String method,
        int layers,
        long parameters,
        double removed,
        double similarity,
        Map<String, Double> perplexity,
        Double accuracy,
        Map<String, Double> choices,
        Map<String, TaskPoint> tasks,
        Double topAgreement,
        Double divergence,
        Map<String, Double> measures,
        double seconds,
        double trainingSeconds,
        double measuringSeconds,
        List<List<Integer>> sources,
        List<Integer> refit,
        Map<String, String> samples,
        List<Integer> addedMatrices,
        long trainedTokens) {
    /** Takes a point of which nothing further was kept as one without. */
    public SweepPoint {
        choices = choices == null ? Map.of() : choices;
        tasks = tasks == null ? Map.of() : tasks;
        addedMatrices = addedMatrices == null ? List.of() : addedMatrices;
    }

    /** Whether a checkpoint can be written of it; no property of the JSON, where it follows from the matrices. */
    boolean canBeWritten() {
        return addedMatrices.isEmpty();
    }

    /** Leaves out points that are the same model as one before, as where a schedule goes below both of two sizes. */
    static ImmutableList<SweepPoint> models(List<SweepPoint> points) {
        Map<List<Object>, SweepPoint> models = new LinkedHashMap<>();
        points.forEach(point -> models.putIfAbsent(List.of(point.method, point.layers, point.sources), point));
        return ImmutableList.copyOf(models.values());
    }

    /** The name of the model itself among the methods. */
    public static final String ORIGINAL = "original";
}
