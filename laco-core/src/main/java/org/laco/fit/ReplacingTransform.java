package org.laco.fit;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A linear transform takes the place of the map's output, {@code map · T}, as the authors of ReplaceMe estimate it: {@code T = (MᵀM +
 * αI)⁻¹ Mᵀ (L_n + M − L_i)} for the map's output M, what the layer returns, L_i, and what the original returns after the layers that are
 * left out, L_n.
 */
record ReplacingTransform() implements FitMethod {
    @Override
    public String name() {
        return "replaceme";
    }

    @Override
    public INDArray features(INDArray activations, INDArray map) {
        return activations.mmul(map);
    }

    @Override
    public INDArray targets(INDArray residuals, INDArray features) {
        return residuals.addi(features);
    }

    @Override
    public long count(long in, long out) {
        return out;
    }

    @Override
    public double shift(double ridge, double meanDiagonal) {
        return ridge;
    }

    @Override
    public INDArray map(INDArray solution, INDArray map, double step) {
        // It is never judged, so there is no other step. In double, since without a ridge large elements may cancel.
        try (INDArray wide = map.castTo(DataType.DOUBLE);
                INDArray product = wide.mmul(solution)) {
            return product.castTo(DataType.FLOAT);
        }
    }

    @Override
    public boolean isJudged() {
        return false;
    }

    @Override
    public boolean endsAfterNorm() {
        return true;
    }
}
