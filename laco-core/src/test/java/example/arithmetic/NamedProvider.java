package example.arithmetic;

import org.laco.kernel.KernelProvider;
import org.laco.kernel.Kernels;
import org.laco.kernel.MatrixProduct;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Arithmetic of a stranger's: ND4J's products under another name. */
abstract class NamedProvider implements KernelProvider {
    private final String name;
    private final int rank;
    private final boolean available;

    NamedProvider(String name, int rank, boolean available) {
        this.name = name;
        this.rank = rank;
        this.available = available;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public boolean isAvailable() {
        return available;
    }

    @Override
    public Kernels create() {
        return Kernels.of(new MatrixProduct() {
            @Override
            public String name() {
                return "products of " + name;
            }

            @Override
            public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
                MatrixProduct.ofNd4j().multiply(x, weight, inputFirst, out);
            }
        });
    }
}
