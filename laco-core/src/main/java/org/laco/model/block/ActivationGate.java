package org.laco.model.block;

import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The usual gate, {@code activation(gate) ⊙ up}.
 *
 * @param activation the function
 */
record ActivationGate(Activation activation) implements Gate {
    @Override
    public void apply(INDArray gate, INDArray up, Kernels kernels) {
        kernels.gate(activation, gate, up);
    }

    @Override
    public INDArray joined(INDArray gate, INDArray up, Kernels kernels) {
        return kernels.gated(activation, gate, up);
    }

    @Override
    public INDArray backward(INDArray gate, INDArray up, INDArray gradient, Kernels kernels) {
        return kernels.derivatives().gate(activation, gate, up, gradient);
    }
}
