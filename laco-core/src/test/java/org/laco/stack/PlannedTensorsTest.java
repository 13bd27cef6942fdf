package org.laco.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.plan.SourceLayer;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where the tensors of a merged layer come from, on layers whose tensors hold the layer's number times 8 plus the role's. */
class PlannedTensorsTest {
    private static final int LAYERS = 4;

    @Test
    void linearWeightsFollowTheRuleUnderEveryPolicy() {
        for (NormPolicy policy : NormPolicy.values()) {
            assertThat(merged(TensorRole.LINEAR, MergeRules.mean(), policy)).isEqualTo(16f);
            assertThat(merged(TensorRole.LINEAR, MergeRules.rdsc(), policy)).isEqualTo(32f);
            assertThat(merged(TensorRole.LINEAR, MergeRules.telescoped(), policy))
                    .isEqualTo(24f);
        }
    }

    @Test
    void normsAndBiasesAreTheBaseLayersByDefault() {
        CollapsePlan byDefault = CollapsePlan.identity(LAYERS).merge(1, 2, MergeRules.mean());
        assertThat(value(byDefault, TensorRole.NORM)).isEqualTo(9f);
        assertThat(value(byDefault, TensorRole.BIAS)).isEqualTo(10f);
        assertThat(merged(TensorRole.NORM, MergeRules.telescoped(), NormPolicy.FROM_BASE))
                .isEqualTo(9f);
    }

    @Test
    void normsAndBiasesMayComeFromTheLastLayer() {
        assertThat(merged(TensorRole.NORM, MergeRules.mean(), NormPolicy.FROM_LAST))
                .isEqualTo(25f);
        assertThat(merged(TensorRole.BIAS, MergeRules.mean(), NormPolicy.FROM_LAST))
                .isEqualTo(26f);
    }

    @Test
    void normsAndBiasesMayBeMergedByTheRule() {
        assertThat(merged(TensorRole.NORM, MergeRules.mean(), NormPolicy.MERGED))
                .isEqualTo(17f);
        assertThat(merged(TensorRole.BIAS, MergeRules.rdsc(), NormPolicy.MERGED))
                .isEqualTo(34f);
    }

    @Test
    void buffersAreTheBaseLayersUnderEveryPolicy() {
        for (NormPolicy policy : NormPolicy.values()) {
            assertThat(merged(TensorRole.BUFFER, MergeRules.mean(), policy)).isEqualTo(11f);
        }
    }

    @Test
    void aMergeOfMergedLayersTakesTheLastNormOfTheLastOne() {
        CollapsePlan plan = CollapsePlan.identity(LAYERS)
                .merge(2, 1, MergeRules.telescoped(), NormPolicy.FROM_LAST)
                .merge(1, 1, MergeRules.telescoped(), NormPolicy.FROM_LAST);
        assertThat(value(plan, TensorRole.NORM)).isEqualTo(25f);
        assertThat(value(plan, TensorRole.LINEAR)).isEqualTo(24f);
    }

    @Test
    void refusesLayersOfAnotherCheckpoint() {
        assertThatThrownBy(() -> PlannedTensors.of(new NumberedStack(), new SourceLayer("other", 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the plan takes layer 2 from checkpoint other, which is not the model it is applied to");
    }

    private static float merged(TensorRole role, MergeRule rule, NormPolicy policy) {
        return value(CollapsePlan.identity(LAYERS).merge(1, 2, rule, policy), role);
    }

    /** The value of a role's tensor in layer 1 of a plan. */
    private static float value(CollapsePlan plan, TensorRole role) {
        try (LayerWeights weights = LayerWeights.load(
                PlannedTensors.of(new NumberedStack(), plan.layers().get(1)))) {
            return weights.array(role.name()).getFloat(0);
        }
    }

    private static final class NumberedStack implements LayerStack {
        @Override
        public int layerCount() {
            return LAYERS;
        }

        @Override
        public ImmutableMap<String, LayerTensor> tensors(int layer) {
            ImmutableMap.Builder<String, LayerTensor> tensors = ImmutableMap.builder();
            for (TensorRole role : ImmutableList.copyOf(TensorRole.values())) {
                StoredTensor tensor = ArrayTensor.of(role.name(), Nd4j.createFromArray(layer * 8f + role.ordinal()));
                tensors.put(role.name(), new LayerTensor(tensor, role));
            }
            return tensors.buildOrThrow();
        }

        @Override
        public INDArray embed(Calibration calibration) {
            throw new UnsupportedOperationException();
        }

        @Override
        public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
            throw new UnsupportedOperationException();
        }

        @Override
        public INDArray finish(INDArray hidden) {
            throw new UnsupportedOperationException();
        }
    }
}
