package org.laco;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.junit.jupiter.api.Test;
import org.laco.kernel.Kernels;
import org.laco.kernel.MatrixProduct;
import org.laco.measure.LlamaFixtures;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A service that gives laco a pool of its own keeps the common one for itself. */
class OwnThreadsTest {
    private final Set<Optional<ForkJoinPool>> pools = ConcurrentHashMap.newKeySet();

    private final Kernels watched = Kernels.of(new MatrixProduct() {
        @Override
        public String name() {
            return "watched";
        }

        @Override
        public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
            pools.add(Optional.ofNullable(ForkJoinTask.getPool()));
            MatrixProduct.ofNd4j().multiply(x, weight, inputFirst, out);
        }
    });

    @Test
    void areTheOnlyOnesThatASearchMultipliesIn() {
        CausalModel model = LlamaFixtures.random(11, 16, 6, 3).with(watched);
        LayerCollapse collapse = LayerCollapse.builder()
                .range(1, 6)
                .layersPerMerge(3)
                .threshold(-1)
                .calibration(Calibration.ofTokens(
                        new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}))
                .build();
        ForkJoinPool two = new ForkJoinPool(2);
        CollapseResult result = two.submit(() -> collapse.apply(model)).join();
        two.shutdown();

        assertThat(result.layersRemoved()).isPositive();
        assertThat(pools).containsExactly(Optional.of(two));
    }

    @Test
    void areAsManyAsThePoolHas() {
        INDArray x = Nd4j.rand(DataType.FLOAT, 400, 8);
        INDArray weight = Nd4j.rand(DataType.FLOAT, 4, 8);
        ForkJoinPool own = new ForkJoinPool(3);
        try {
            assertThat(own.submit(watched::threads).join()).isEqualTo(3);
            assertThat(own.submit(() -> watched.linear(x, weight, null)).join().shape())
                    .containsExactly(400, 4);
            assertThat(pools).containsExactly(Optional.of(own));
        } finally {
            own.shutdown();
        }
        assertThat(watched.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
