package org.laco.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRules;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.laco.stack.ToyStack;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class MemoryNeedTest {
    private static final int ROWS = 3;
    private static final int LAYERS = 4;

    private final ToyStack stack = ToyStack.ofLayers(LAYERS);
    private final Calibration calibration = Calibration.ofFeatures(Nd4j.ones(DataType.FLOAT, ROWS, 2));

    private MemoryNeed need(LayerStack of) {
        return MemoryNeed.of(of, calibration, MergeRules.telescoped());
    }

    @Test
    void countsColumnsThatGoAlongFromLayerToLayer() {
        long columns = 1000;
        MemoryNeed carrying = need(new ForwardingStack(stack) {
            @Override
            public long carriedColumns() {
                return columns;
            }
        });

        assertThat(carrying.base() - need(stack).base()).isEqualTo((LAYERS + 1) * ROWS * columns * Float.BYTES);
        assertThat(carrying.candidate() - need(stack).candidate()).isEqualTo(2 * ROWS * columns * Float.BYTES);
    }

    private LayerStack with(ImmutableMap<String, long[]> shapes) {
        return new ForwardingStack(stack) {
            @Override
            public ImmutableMap<String, LayerTensor> tensors(int layer) {
                ImmutableMap.Builder<String, LayerTensor> tensors = ImmutableMap.builder();
                shapes.forEach((name, shape) -> tensors.put(
                        name,
                        new LayerTensor(ArrayTensor.of(name, Nd4j.zeros(DataType.FLOAT, shape)), TensorRole.LINEAR)));
                return tensors.buildOrThrow();
            }
        };
    }

    @Test
    void countsWhatOneExpertComputesAtATimeHoweverExpertsAreStored() {
        MemoryNeed one = need(with(ImmutableMap.of("mlp.experts.0.up.weight", new long[] {40, 2})));
        MemoryNeed three = need(with(ImmutableMap.of(
                "mlp.experts.0.up.weight", new long[] {40, 2},
                "mlp.experts.1.up.weight", new long[] {40, 2},
                "mlp.experts.2.up.weight", new long[] {40, 2})));
        MemoryNeed stacked = need(
                with(ImmutableMap.of("router.weight", new long[] {2, 2}, "mlp.experts.up", new long[] {3, 40, 2})));

        assertThat(three.candidate()).isEqualTo(one.candidate());
        assertThat(stacked.candidate()).isEqualTo(one.candidate() + ROWS * 2 * Float.BYTES);
    }
}
