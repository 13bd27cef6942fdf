package org.laco.train;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parameters that had the lowest validation loss. */
final class BestWeights implements AutoCloseable {
    private final TrainedTensors trained;
    private ImmutableList<INDArray> parameters = ImmutableList.of();
    private long step;
    private long tokens;
    private double loss = Double.POSITIVE_INFINITY;

    BestWeights(TrainedTensors trained) {
        this.trained = trained;
    }

    /** Keeps the parameters as they are now if the loss is the lowest so far, and returns whether it is. */
    boolean offer(long afterStep, double measured, long afterTokens) {
        if (!(measured < loss)) {
            return false;
        }
        replace(afterStep, measured, afterTokens, trained.parameters());
        return true;
    }

    void restore(long bestStep, double bestLoss, List<INDArray> values, long bestTokens) {
        replace(bestStep, bestLoss, bestTokens, values);
    }

    private void replace(long bestStep, double bestLoss, long bestTokens, List<INDArray> values) {
        close();
        parameters = values.stream().map(value -> value.dup('c')).collect(ImmutableList.toImmutableList());
        step = bestStep;
        loss = bestLoss;
        tokens = bestTokens;
    }

    long step() {
        return step;
    }

    long tokens() {
        return tokens;
    }

    double loss() {
        return loss;
    }

    ImmutableList<INDArray> parameters() {
        return parameters;
    }

    /** Puts the best parameters back. */
    void apply() {
        trained.restoreParameters(parameters);
    }

    @Override
    public void close() {
        parameters.forEach(INDArray::close);
        parameters = ImmutableList.of();
    }
}
