package org.laco.kernel;

import com.google.common.base.Enums;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.Iterables;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** Which operations are used, as the system property {@link Kernels#PROPERTY} says. */
enum KernelChoice {
    /** The product on the class path, rounded where that is faster. */
    AUTO,
    /** The product on the class path, never rounded. */
    FLOAT32,
    /** The product on the class path, rounded even where that isn't faster. */
    BFLOAT16,
    /** ND4J's BLAS. */
    ND4J;

    static KernelChoice ofProperty() {
        String name = System.getProperty(Kernels.PROPERTY, "auto");
        return Enums.getIfPresent(KernelChoice.class, name.toUpperCase(Locale.ROOT))
                .toJavaUtil()
                .orElseThrow(
                        () -> new IllegalArgumentException("the system property " + Kernels.PROPERTY + " is " + name
                                + ", expected one of "
                                + Arrays.toString(values()).toLowerCase(Locale.ROOT)));
    }

    Kernels kernels() {
        if (Nd4j.getExecutioner().type() != OpExecutioner.ExecutionerType.NATIVE_CPU) {
            return new Nd4jKernels();
        }
        MatrixProduct product = this == ND4J
                ? new BlasProduct()
                : Iterables.tryFind(ServiceLoader.load(MatrixProduct.class), MatrixProduct::isAvailable)
                        .or(BlasProduct::new);
        Supplier<Optional<MatrixProduct>> rounded =
                Suppliers.memoize(() -> this == FLOAT32 ? Optional.empty() : product.rounded(this == BFLOAT16));
        return HostKernels.parallel(product, rounded);
    }
}
