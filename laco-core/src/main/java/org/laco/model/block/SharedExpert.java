package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * An expert that every row goes through by a share of its own, {@code sigmoid(gate(x)) · expert(x)}, as beside Qwen's experts. One without a
 * gate is its block alone.
 *
 * @param gate the map to one number a row
 * @param expert the expert
 */
public record SharedExpert(Linear gate, Block expert) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        float[] shares;
        try (INDArray scores = gate.apply(x, weights, pass)) {
            shares = shares(scores);
        }
        INDArray out = expert.apply(x, weights, pass);
        RowFactors.multiply(out, shares);
        return out;
    }

    private static float[] shares(INDArray scores) {
        try (INDArray shares = Transforms.sigmoid(scores, true)) {
            return shares.toFloatVector();
        }
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording scores = gate.record(x, weights, pass);
        float[] shares = shares(scores.output());
        Recording inner = expert.record(x, weights, pass);
        INDArray out = kernels.copy(inner.output());
        RowFactors.multiply(out, shares);
        return Recording.of(kernels::release, out, (gradient, gradients) -> {
                    float[] byShares = RowFactors.products(gradient, inner.output());
                    INDArray passed = kernels.copy(gradient);
                    RowFactors.multiply(passed, shares);
                    INDArray before = inner.backward(passed, gradients);
                    kernels.release(passed);
                    INDArray byScores = kernels.matrix(shares.length, 1);
                    for (int row = 0; row < shares.length; row++) {
                        byScores.putScalar(row, byShares[row] * shares[row] * (1 - shares[row]));
                    }
                    INDArray other = scores.backward(byScores, gradients);
                    kernels.release(byScores);
                    return ArraySum.add(before, other, kernels);
                })
                .keeping(scores, inner);
    }

    @Override
    public int longestBranch() {
        return expert.longestBranch();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gate.declare(declare);
        expert.declare(declare);
    }
}
