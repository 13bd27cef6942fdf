package org.laco.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A rule by which gradients change weights, such as {@link AdamW}.
 *
 * <p>An optimiser of one's own, here gradient descent without any state:
 *
 * <pre>{@code
 * final class GradientDescent implements Optimizer {
 *     public String name() {
 *         return "sgd";
 *     }
 *
 *     public int states() {
 *         return 0;
 *     }
 *
 *     public void update(INDArray weight, INDArray gradient, ImmutableList<INDArray> state, double rate, long step) {
 *         weight.subi(gradient.muli(rate));
 *     }
 * }
 * }</pre>
 */
public interface Optimizer {
    /**
     * Names the rule for the record.
     *
     * @return such as {@code adamw}
     */
    String name();

    /**
     * Returns the settings for the record. The default has none.
     *
     * @return names and values
     */
    default ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of();
    }

    /**
     * Returns how many arrays of each weight's shape are kept from one step to the next.
     *
     * @return 0 or more
     */
    int states();

    /**
     * Changes a weight in place.
     *
     * @param weight the weight in float32
     * @param gradient its gradient, which may be overwritten
     * @param state what is kept, {@link #states} arrays of the weight's shape that begin with zeros and are changed in place
     * @param rate the learning rate of this step
     * @param step the number of the step, from 1
     */
    void update(INDArray weight, INDArray gradient, ImmutableList<INDArray> state, double rate, long step);
}
