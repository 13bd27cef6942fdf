package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.LlamaFixtures;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class GapGainTest {
    private static final int WIDTH = 8;

    private final CausalModel model = LlamaFixtures.random(16, WIDTH, 7, 3);
    private final Calibration calibration = calibration();

    private static Calibration calibration() {
        Random random = new Random(4);
        int[][] tokens = new int[12][];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = random.ints(3 + i % 5, 0, 16).toArray();
        }
        return Calibration.ofTokens(tokens);
    }

    private double gain(PatchedStack patched, int layer) {
        double trace = 0;
        for (int i = 0; i < WIDTH; i++) {
            trace += patched.matrix(layer).getDouble(i, i);
        }
        return trace / WIDTH;
    }

    private static INDArray forward(CausalModel stack, int layer, INDArray hidden, Calibration calibration) {
        try (LayerWeights weights = LayerWeights.load(stack.tensors(layer))) {
            return stack.forward(layer, weights, hidden, calibration.layout());
        }
    }

    /** The upper of two gaps is behind the lower one, so that what is above both is divided by both gains. */
    @Test
    void givesWhatScalingTheHiddenStatesAtEachGapGives() {
        CollapsePlan plan =
                CollapsePlan.identity(7).merge(3, 2, MergeRules.keepFirst()).merge(0, 1, MergeRules.keepFirst());
        CausalModel dropped = model.collapsed(plan);
        CollapsePlan folded = GapGain.fold(model, plan, calibration);
        try (PatchedStack patched = PatchedStack.fit(model, plan, Patch.LINEAR_PATCH, calibration)) {
            INDArray hidden = model.hidden(calibration, 1).mul(gain(patched, 0));
            hidden = forward(dropped, 1, hidden, calibration);
            hidden = forward(dropped, 2, hidden, calibration).mul(gain(patched, 2));
            INDArray expected = model.finish(forward(dropped, 3, hidden, calibration));

            assertThat(gain(patched, 0)).isNotCloseTo(1, within(0.05));
            assertThat(gain(patched, 2)).isNotCloseTo(1, within(0.05));
            assertThat(distance(FinalHiddenStates.of(model.collapsed(folded), calibration), expected))
                    .isLessThan(1e-4);
            assertThat(distance(FinalHiddenStates.of(dropped, calibration), expected))
                    .isGreaterThan(1e-2);
        }
        assertThat(folded.layers().get(0)).isEqualTo(plan.layers().get(0));
        assertThat(folded.layers().subList(1, 4)).allSatisfy(layer -> assertThat(((FittedLayer) layer).tensors())
                .containsOnlyKeys("self_attn.o_proj.weight", "mlp.down_proj.weight"));
    }

    private static double distance(INDArray one, INDArray other) {
        return Transforms.abs(one.sub(other)).maxNumber().doubleValue();
    }

    @Test
    void recordsTheErrorAtTheGapBeforeAndAfter() {
        CollapsePlan plan = CollapsePlan.identity(7).merge(1, 2, MergeRules.keepFirst());
        CollapsePlan folded = GapGain.fold(model, plan, calibration);
        FittedTensor tensor = ((FittedLayer) folded.layers().get(2))
                .tensors()
                .values()
                .iterator()
                .next();
        INDArray before = model.hidden(calibration, 2);
        INDArray after = model.hidden(calibration, 4);
        try (PatchedStack patched = PatchedStack.fit(model, plan, Patch.LINEAR_PATCH, calibration)) {
            ClosedForm made = (ClosedForm) tensor.provenance();
            double norm = after.norm2Number().doubleValue();

            assertThat(made.method()).isEqualTo("linearpatch-gain");
            assertThat(made.errorBefore())
                    .isCloseTo(after.sub(before).norm2Number().doubleValue() / norm, within(1e-6));
            assertThat(made.errorAfter())
                    .isCloseTo(
                            after.sub(before.mul(gain(patched, 1)))
                                            .norm2Number()
                                            .doubleValue()
                                    / norm,
                            within(1e-6));
        }
    }

    @Test
    void leavesAPlanWithoutGapsAsItIs() {
        CollapsePlan identity = CollapsePlan.identity(7);

        assertThat(GapGain.fold(model, identity, calibration)).isEqualTo(identity);
    }

    @Test
    void namesAllThatALlamaLayerAdds() {
        assertThat(model.addends(2)).isEqualTo(ImmutableList.of("self_attn.o_proj.weight", "mlp.down_proj.weight"));
    }

    @Test
    void refusesAStackWhoseLayersMayNotBeScaleFree() {
        ToyStack toy = ToyStack.ofLayers(4);

        assertThatThrownBy(() -> GapGain.fold(
                        toy,
                        CollapsePlan.identity(4).merge(1, 1, MergeRules.keepFirst()),
                        Calibration.ofFeatures(Nd4j.ones(1, 2))))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("layer 3 can't be scaled: its stack doesn't say which weights what it adds is linear in");
    }
}
