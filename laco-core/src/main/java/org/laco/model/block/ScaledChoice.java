package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.stack.Gradients;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A choice whose factors are multiplied by a learned number an expert.
 *
 * @param choice the choice
 * @param scale the full name of the tensor of these numbers
 */
public record ScaledChoice(ExpertChoice choice, String scale) implements ExpertChoice {
    @Override
    public Routing choose(INDArray scores, LayerWeights weights) {
        float[] scales = weights.array(scale).toFloatVector();
        Routing unscaled = choice.choose(scores, weights);
        return unscaled.scaled(scales, (byScales, gradients) -> add(byScales, gradients));
    }

    private void add(float[] byScales, Gradients gradients) {
        gradients.of(scale).ifPresent(sum -> {
            for (int expert = 0; expert < byScales.length; expert++) {
                sum.putScalar(expert, sum.getFloat(expert) + byScales[expert]);
            }
        });
    }

    @Override
    public void check(int experts) {
        choice.check(experts);
    }

    @Override
    public void declare(int experts, Consumer<TensorDeclaration> declare) {
        choice.declare(experts, declare);
        declare.accept(TensorDeclaration.of(scale, TensorRole.BIAS, experts));
    }
}
