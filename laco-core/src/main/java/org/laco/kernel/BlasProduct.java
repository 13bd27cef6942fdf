package org.laco.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products by ND4J's BLAS, on whatever backend it has. */
final class BlasProduct implements MatrixProduct {
    @Override
    public String name() {
        return "ND4J's " + Nd4j.factory().blas().getBlasVendor();
    }

    @Override
    public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
        // The result in 'f' order costs no copy, and the transpose of a 'c' result is one.
        (inputFirst ? weight.transpose() : weight).mmuli(x.transpose(), out.transpose());
    }

    @Override
    public void addTransposed(INDArray a, INDArray b, INDArray sum) {
        Nd4j.gemm(b, a, sum.transpose(), true, false, 1, 1);
    }
}
