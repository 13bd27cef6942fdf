package org.laco.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.Perplexity;
import org.laco.measure.TokenLogProbabilities;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a user's own language model is after a collapse. */
class CollapsedStackTest {
    private final ToyLanguageStack original = ToyLanguageStack.ofLayers(6);
    private final CollapsePlan plan =
            CollapsePlan.identity(6).merge(1, 2, MergeRules.telescoped()).merge(2, 1, MergeRules.mean());
    private final LayerStack collapsed = original.collapsed(plan);
    private final Calibration calibration = Calibration.ofTokens(new int[] {0, 1, 2, 1}, new int[] {2, 0, 1});

    @Test
    void isALanguageModelIfTheOriginalIs() {
        assertThat(LanguageStack.of(collapsed)).isPresent();
        assertThat(LanguageStack.require(collapsed).vocabulary()).isEqualTo(3);
        try (INDArray states = FinalHiddenStates.of(collapsed, calibration);
                INDArray logits = LanguageStack.require(collapsed).logits(states);
                INDArray expected = original.logits(states)) {
            assertThat(logits).isEqualTo(expected);
        }
    }

    @Test
    void isNoLanguageModelIfTheOriginalIsNone() {
        LayerStack plain = ToyStack.ofLayers(6).collapsed(plan);
        assertThat(LanguageStack.of(plain)).isEmpty();
        assertThatThrownBy(() -> LanguageStack.require(plain))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("this stack is no language model: it gives no logits");
    }

    @Test
    void hasTheStructureOfEachBaseLayer() {
        assertThat(collapsed.layerCount()).isEqualTo(3);
        assertThat(Fittable.of(collapsed).outputMap(2)).isEqualTo(original.outputMap(3));
        assertThat(Fittable.of(collapsed).stepMaps(2)).isEqualTo(original.stepMaps(3));
        assertThat(collapsed.properties(2)).isEqualTo(original.properties(3));
    }

    @Test
    void countsWhatTheOriginalHasOutsideOfItsLayers() {
        assertThat(Footprint.of(collapsed).parametersOutsideLayers()).isEqualTo(6);
        assertThat(Footprint.of(collapsed).bytesOutsideLayers()).isEqualTo(24);
    }

    @Test
    void loadsTheWeightsOfMergedLayersAndNoOthers() {
        assertThat(Footprint.of(collapsed).loadedBytes(0, false)).isEqualTo(100);
        assertThat(Footprint.of(collapsed).loadedBytes(0, true)).isEqualTo(16);
        assertThat(Footprint.of(collapsed).loadedBytes(1, false)).isEqualTo(16);
    }

    @Test
    void computesAsTheOriginalDoes() {
        assertThat(Arithmetic.of(collapsed).hasOwnThreads()).isTrue();
        assertThat(Arithmetic.of(collapsed).in(Precision.BFLOAT16).map(LayerStack::layerCount))
                .contains(3);
    }

    @Test
    void canBeCollapsedAgainWithAShareOfItsOwnParameters() {
        // Four parameters a layer and six beside them: of three layers a share of 0.2, 3.6 parameters, is one layer.
        CollapseResult again = LayerCollapse.builder()
                .targetRatio(0.2)
                .calibration(calibration)
                .build()
                .apply(collapsed);
        assertThat(again.plan().size()).isEqualTo(2);
        assertThat(again.evaluation().figures()).containsKey("kl.mean");
    }

    @Test
    void hasAPerplexityAndCanBeFitted() {
        CollapseResult fitted = LayerCollapse.builder()
                .fit(Fit.ridge(0.01).tokensPerInput(0))
                .calibration(calibration)
                .build()
                .replay(collapsed, CollapsePlan.identity(3).merge(0, 1, MergeRules.keepFirst()));
        assertThat(fitted.plan().size()).isEqualTo(2);

        List<int[]> text = ImmutableList.of(new int[] {0, 1});
        // The hidden state of token 0 before any layer is its embedding, (1, 0); the last layer's tensors don't matter
        // to a
        // model whose probabilities are computed here by hand from its own final hidden state.
        try (INDArray state = FinalHiddenStates.of(collapsed, Calibration.ofTokens(new int[] {0}))) {
            double x = state.getDouble(0, 0);
            double y = state.getDouble(0, 1);
            double sum = Math.exp(x) + Math.exp(y) + Math.exp(0.6 * x - 0.8 * y);
            assertThat(Perplexity.ofSequences(TokenLogProbabilities.of(LanguageStack.require(collapsed)), text)
                            .perplexity())
                    .isCloseTo(sum / Math.exp(y), within(1e-5));
        }
    }
}
