package org.laco.model.block;

import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The gate of gpt-oss, {@code (u + 1) ⊙ g ⊙ sigmoid(α · g)} with {@code g = min(gate, limit)} and {@code u} = up within {@code ±limit}.
 *
 * @param limit the bound
 * @param alpha the slope α of the sigmoid
 */
public record ClampedGate(double limit, double alpha) implements Gate {
    @Override
    public void apply(INDArray gate, INDArray up, Kernels kernels) {
        clamp(gate, up);
        try (INDArray shares = shares(gate)) {
            gate.muli(shares);
        }
        gate.muli(up.addi(1));
    }

    private void clamp(INDArray gate, INDArray up) {
        Transforms.min(gate, limit, false);
        Transforms.min(up, limit, false);
        Transforms.max(up, -limit, false);
    }

    private INDArray shares(INDArray gate) {
        return Transforms.sigmoid(gate.mul(alpha), false);
    }

    @Override
    public INDArray joined(INDArray gate, INDArray up, Kernels kernels) {
        INDArray joined = kernels.copy(gate);
        INDArray clamped = kernels.copy(up);
        apply(joined, clamped, kernels);
        kernels.release(clamped);
        return joined;
    }

    /** What was clamped passes nothing back. */
    @Override
    public INDArray backward(INDArray gate, INDArray up, INDArray gradient, Kernels kernels) {
        INDArray byUp = kernels.copy(gradient);
        try (INDArray g = gate.dup('c');
                INDArray u = up.dup('c');
                INDArray openGate = gate.lte(limit).castTo(gate.dataType());
                INDArray openUp = Transforms.abs(up, true).lte(limit).castTo(up.dataType())) {
            clamp(g, u);
            try (INDArray shares = shares(g);
                    INDArray slopes = shares.rsub(1)) {
                byUp.muli(g).muli(shares).muli(openUp);
                // The derivative of g · sigmoid(α g) is sigmoid(α g) · (1 + α g · (1 − sigmoid(α g))).
                slopes.muli(g).muli(alpha).addi(1).muli(shares).muli(openGate);
                gradient.muli(u.addi(1)).muli(slopes);
            }
        }
        return byUp;
    }
}
