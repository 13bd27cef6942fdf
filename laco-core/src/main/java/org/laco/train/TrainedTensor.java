package org.laco.train;

import com.google.common.collect.ImmutableList;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A weight that is trained: itself, or as the sum of what it was and an adapter. */
interface TrainedTensor extends AutoCloseable {
    /** The weight as it is now, float32, which the model is run with. */
    INDArray value();

    /** What the weight's gradient is added to. */
    INDArray gradient();

    /** What the optimiser changes. */
    ImmutableList<INDArray> parameters();

    /** The gradients of these, by the weight's own. */
    ImmutableList<INDArray> parameterGradients();

    /** Follows a change of the parameters. */
    void update();

    @Override
    void close();
}
