package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.kernel.Kernels;
import org.laco.kernel.MatrixProduct;
import org.laco.measure.LlamaFixtures;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;

class ModelKernelsTest {
    private final List<String> events = new ArrayList<>();

    private Kernels kernels() {
        events.add("made");
        return Kernels.of(new MatrixProduct() {
            @Override
            public String name() {
                return "counted";
            }

            @Override
            public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
                MatrixProduct.ofNd4j().multiply(x, weight, inputFirst, out);
            }

            @Override
            public void close() {
                events.add("closed");
            }
        });
    }

    @Test
    void isMadeOnceAndClosedByItsOwner() {
        try (ModelKernels own = ModelKernels.ownOf(this::kernels)) {
            assertThat(own.kernels()).isSameAs(own.kernels());
        }

        assertThat(events).containsExactly("made", "closed");
    }

    @Test
    void isNotMadeToBeClosed() {
        ModelKernels.ownOf(this::kernels).close();

        assertThat(events).isEmpty();
    }

    @Test
    void isSharedByThoseWhomItIsLentAndLeftOpenByThem() {
        ModelKernels own = ModelKernels.ownOf(this::kernels);
        ModelKernels borrowed = own.lend();

        assertThat(borrowed.kernels()).isSameAs(own.kernels());
        borrowed.close();

        assertThat(events).containsExactly("made");
    }

    @Test
    void keepsNothingIfItIsMadeAfterItsOwnerWasClosed() {
        ModelKernels own = ModelKernels.ownOf(this::kernels);
        own.close();

        own.lend().kernels();

        assertThat(events).containsExactly("made", "closed");
    }

    @Test
    void ofAModelIsLeftOpenByCollapsedModelsAndByWhatWasGivenIt() {
        try (CausalModel model = LlamaFixtures.random(7, 8, 3, 1);
                CausalModel given = model.with(kernels());
                CausalModel collapsed = given.collapsed(CollapsePlan.identity(3))) {
            assertThat(collapsed.arithmetic()).isEqualTo("counted");
        }

        assertThat(events).containsExactly("made");
    }

    @Test
    void ofAModelIsInFloat32UnlessAnotherPrecisionIsAskedFor() {
        try (CausalModel model = LlamaFixtures.random(7, 8, 3, 1)) {
            CausalModel low = model.in(Precision.BFLOAT16).orElseThrow();

            assertThat(model.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(model.in(Precision.FLOAT32)).containsSame(model);
            assertThat(low.collapsed(CollapsePlan.identity(3)).precision()).isEqualTo(Precision.BFLOAT16);
        }
    }

    @Test
    void ofAModelSaysThatItHasNoOtherPrecision() {
        Kernels only = (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (proxy, method, arguments) -> InvocationHandler.invokeDefault(proxy, method, arguments));

        assertThat(LlamaFixtures.random(7, 8, 3, 1).with(only).in(Precision.BFLOAT16))
                .isEmpty();
    }
}
