package org.laco.model.block;

import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;

/**
 * Numbers that are added to the shares of experts for the choice among them, so that all are used (DeepSeek-AI, arXiv 2412.19437, section
 * 2.1.2).
 *
 * @param tensor the full name of their tensor within the layer
 * @param row whether it is stored as a matrix of one row
 */
public record ScoreCorrection(String tensor, boolean row) {
    float[] values(LayerWeights weights) {
        return weights.array(tensor).toFloatVector();
    }

    TensorDeclaration declaration(int experts) {
        return row
                ? TensorDeclaration.of(tensor, TensorRole.BIAS, 1, experts)
                : TensorDeclaration.of(tensor, TensorRole.BIAS, experts);
    }
}
