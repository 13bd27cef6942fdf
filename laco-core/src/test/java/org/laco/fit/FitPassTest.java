package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRules;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.SourceLayer;
import org.laco.search.CollapseListener;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.PlannedTensors;
import org.laco.stack.ToyStack;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FitPassTest {
    private final ToyStack stack = ToyStack.ofLayers(6);
    private final Calibration calibration = calibration(10);
    private final Fit refit = Fit.ridge(1e-9, 0.1);

    private static Calibration calibration(int sequences) {
        Random random = new Random(8);
        INDArray[] features = new INDArray[sequences];
        for (int i = 0; i < sequences; i++) {
            float[][] rows = new float[6][2];
            for (float[] row : rows) {
                row[0] = (float) random.nextGaussian();
                row[1] = (float) random.nextGaussian();
            }
            features[i] = Nd4j.createFromArray(rows);
        }
        return Calibration.ofFeatures(features);
    }

    private CollapsePlan fit(CollapsePlan plan, Fit settings) {
        return FitPass.run(stack, plan, calibration, settings, CollapseListener.NONE);
    }

    private static INDArray weight(LayerStack stack, CollapsePlan plan, int layer) {
        return PlannedTensors.of(stack, plan.layers().get(layer))
                .get("weight")
                .tensor()
                .load();
    }

    @Test
    void makesOneLinearLayerTheProductOfThoseThatItReplaces() {
        CollapsePlan fitted = fit(CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()), refit);

        // Layer i maps x to (I + wᵢ) x with wᵢ = (0 −a; a 0), a = 0.05 (i + 1): for a = 0.15, 0.2, 0.25 the product
        // less I
        // is, as with complex numbers, (1 + 0.15 i) (1 + 0.2 i) (1 + 0.25 i) − 1 = −0.1175 + 0.5925 i.
        float[][] fittedWeight = weight(stack, fitted, 2).toFloatMatrix();
        assertThat(fittedWeight[0][0]).isCloseTo(-0.1175f, within(1e-5f));
        assertThat(fittedWeight[0][1]).isCloseTo(-0.5925f, within(1e-5f));
        assertThat(fittedWeight[1][0]).isCloseTo(0.5925f, within(1e-5f));
        assertThat(fittedWeight[1][1]).isCloseTo(-0.1175f, within(1e-5f));
        assertThat(fitted.layers().get(2)).isInstanceOfSatisfying(FittedLayer.class, layer -> {
            assertThat(layer.sources()).containsExactly(2, 3, 4);
            ClosedForm tensor = (ClosedForm) layer.tensors().get("weight").provenance();
            assertThat(tensor.method()).isEqualTo("ridge");
            assertThat(tensor.ridge())
                    .as("the smaller ridge has the smaller held-out error")
                    .isEqualTo(1e-9);
            // |1 − (1 + 0.2 i)(1 + 0.25 i)| / |(1 + 0.2 i)(1 + 0.25 i)| = 0.45277 / 1.05119, for every row the same.
            // row the same.
            assertThat(tensor.errorBefore()).isCloseTo(0.43072, within(1e-5));
            assertThat(tensor.errorAfter()).isLessThan(1e-5);
        });
    }

    @Test
    void dividesAFittedMapByTheFactorWithWhichItsOutputIsAdded() {
        // The factor 0.5 and the tangents 0.3, 0.4 and 0.5 make the turns of the test above.
        ToyStack halved = ToyStack.ofLayers(6)
                .withWeight(2, new float[][] {{0, -0.3f}, {0.3f, 0}})
                .withWeight(3, new float[][] {{0, -0.4f}, {0.4f, 0}})
                .withWeight(4, new float[][] {{0, -0.5f}, {0.5f, 0}})
                .withScale(0.5);

        CollapsePlan fitted = FitPass.run(
                halved,
                CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()),
                calibration,
                refit,
                CollapseListener.NONE);

        float[][] fittedWeight = weight(halved, fitted, 2).toFloatMatrix();
        assertThat(fittedWeight[0][0]).isCloseTo(2 * -0.1175f, within(1e-5f));
        assertThat(fittedWeight[0][1]).isCloseTo(2 * -0.5925f, within(1e-5f));
        assertThat(fittedWeight[1][0]).isCloseTo(2 * 0.5925f, within(1e-5f));
        assertThat(fittedWeight[1][1]).isCloseTo(2 * -0.1175f, within(1e-5f));
    }

    /** Fits a layer 1 that adds nothing in place of itself and of layer 2, to seven tokens (1, 0), with a token (1, 1) held out. */
    private static CollapsePlan fitToOneDirection(ToyStack twoAbove) {
        INDArray[] tokens = new INDArray[8];
        Arrays.fill(tokens, Nd4j.createFromArray(new float[][] {{1, 0}}));
        tokens[7] = Nd4j.createFromArray(new float[][] {{1, 1}});
        // Layer 2 adds (0.4, −0.2) to (1, 0) and (0.4, 0) to (1, 1). All that the fit sees is the former, so that it
        // turns
        // what leaves layer 1 of (1, 1) from (1, 1) to (1.4, 0.8), where the original has (1.4, 1): an error of 0.2,
        // not 0.4.
        ToyStack stack = twoAbove.withWeight(1, new float[][] {{0, 0}, {0, 0}})
                .withWeight(2, new float[][] {{0.4f, 0}, {-0.2f, 0.2f}});
        return FitPass.run(
                stack,
                CollapsePlan.identity(4).merge(1, 1, MergeRules.keepFirst()),
                Calibration.ofFeatures(tokens),
                Fit.ridge(1e-6).tokensPerInput(0),
                CollapseListener.NONE);
    }

    @Test
    void takesAFitThatBringsHeldOutTokensNearer() {
        CollapsePlan fitted = fitToOneDirection(ToyStack.turning(0, 0, 0, 0));

        assertThat(fitted.layers().get(1)).isInstanceOf(FittedLayer.class);
    }

    @Test
    void takesNoFitThatTheLayersAboveMakeWorseOf() {
        // Layer 3 makes the second coordinate a hundred times as large, and so the error 20 instead of 0.4.
        CollapsePlan fitted =
                fitToOneDirection(ToyStack.turning(0, 0, 0, 0).withWeight(3, new float[][] {{0, 0}, {0, 99}}));

        assertThat(fitted).isEqualTo(CollapsePlan.identity(4).merge(1, 1, MergeRules.keepFirst()));
    }

    @Test
    void leavesEveryWeightAsItIsWhereNothingWasRemoved() {
        CollapsePlan identity = CollapsePlan.identity(6);

        assertThat(fit(identity, refit)).isEqualTo(identity);
        assertThat(fit(identity, refit.repairs(true)))
                .as("there is no error that a fit could lower")
                .isEqualTo(identity);
    }

    @Test
    void takesNoFitThatIsNoBetterOnHeldOutSequences() {
        List<Optional<FittedTensor>> told = new ArrayList<>();
        CollapsePlan plan = CollapsePlan.identity(6).merge(2, 1, MergeRules.keepFirst());
        ToyStack idle = stack.withWeight(3, new float[][] {{0, 0}, {0, 0}});

        CollapsePlan fitted = FitPass.run(idle, plan, calibration, refit, new CollapseListener() {
            @Override
            public void layerFitted(int layer, Optional<FittedTensor> tensor) {
                assertThat(layer).isEqualTo(2);
                told.add(tensor);
            }
        });

        assertThat(fitted)
                .as("layer 3 did nothing, so that dropping it leaves no error")
                .isEqualTo(plan);
        assertThat(told).containsExactly(Optional.empty());
    }

    @Test
    void fitsALayerWhoseErrorAMergeAboveItHappensToUndo() {
        // Layers 2 and 4 turn as much one way as the other, so that leaving out both is nearer to the original than one
        // alone.
        ToyStack opposed = stack.withWeight(2, new float[][] {{0, -0.4f}, {0.4f, 0}})
                .withWeight(4, new float[][] {{0, 0.4f}, {-0.4f, 0}});
        CollapsePlan plan =
                CollapsePlan.identity(6).merge(3, 1, MergeRules.keepFirst()).merge(1, 1, MergeRules.keepFirst());

        CollapsePlan fitted = FitPass.run(opposed, plan, calibration, Fit.ridge(0.01), CollapseListener.NONE);

        assertThat(fitted.layers().get(1)).isInstanceOf(FittedLayer.class);
        assertThat(fitted.layers().get(2)).isInstanceOf(FittedLayer.class);
    }

    @Test
    void comparesPlansByFitsToNoMoreThanTheyNeed() {
        Fit brief = FitPass.brief(stack, calibration, refit);

        assertThat(brief.calibration().orElseThrow().layout().count())
                .as("two inputs take eight tokens, but one of eight sequences is held out")
                .isEqualTo(8);
        assertThat(brief.name()).isEqualTo(refit.name());
        Fit demanding = refit.tokensPerInput(30);
        assertThat(FitPass.brief(stack, calibration, demanding))
                .as("it asks for all sixty tokens")
                .isSameAs(demanding);
    }

    @Test
    void repairsInUpperLayersWhatAWeakFitBelowLeft() {
        CollapsePlan plan = CollapsePlan.identity(6).merge(1, 1, MergeRules.keepFirst());
        Fit weak = Fit.ridge(10);

        CollapsePlan alone = fit(plan, weak);
        CollapsePlan repaired = fit(plan, weak.repairs(true));

        assertThat(alone.layers().subList(2, 5))
                .allSatisfy(layer -> assertThat(layer).isInstanceOf(SourceLayer.class));
        assertThat(repaired.layers().subList(2, 5))
                .allSatisfy(layer -> assertThat(layer).isInstanceOf(FittedLayer.class));
        LayerCollapse measure = LayerCollapse.builder().calibration(calibration).build();
        assertThat(measure.replay(stack, repaired).similarity())
                .isGreaterThan(measure.replay(stack, alone).similarity());
    }

    @Test
    void fitsATransformOfTheOutputInsteadOfTheWholeMap() {
        CollapsePlan fitted = fit(CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()), Fit.transform(1e-9));

        // The toy's maps are square and regular, so that a transform reaches what the whole map reaches.
        assertThat(weight(stack, fitted, 2).getFloat(1, 0)).isCloseTo(0.5925f, within(1e-5f));
        assertThat(((FittedLayer) fitted.layers().get(2))
                        .tensors()
                        .get("weight")
                        .provenance()
                        .method())
                .isEqualTo("transform");
    }

    @Test
    void carriesTheFittedWeightInAPlanThatReplaysToTheSameSimilarity() {
        CollapseResult result = LayerCollapse.builder()
                .targetLayers(4)
                .calibration(calibration)
                .fit(refit)
                .build()
                .apply(stack);

        CollapseResult replayed =
                LayerCollapse.builder().calibration(calibration).build().replay(stack, result.plan());

        assertThat(result.plan().size()).isEqualTo(4);
        assertThat(result.similarity()).isCloseTo(1, within(1e-6));
        assertThat(replayed.similarity()).isEqualTo(result.similarity());
        assertThat(result.model().tensors(result.plan().changedLayers().get(0))).containsKey("weight");
    }

    @Test
    void recordsTheHashOfTheStoredBytes() {
        CollapsePlan fitted = fit(CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()), refit);
        FittedTensor tensor = ((FittedLayer) fitted.layers().get(2)).tensors().get("weight");
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        StoredTensor values = tensor.values().orElseThrow();
        for (float value : values.load().ravel().toFloatVector()) {
            bytes.putFloat(value);
        }

        assertThat(tensor.sha256())
                .isEqualTo(Hashing.sha256().hashBytes(bytes.array()).toString());
    }

    @Test
    void refusesAPlanThatHoldsOnlyTheHashOfAFittedWeightUntilItIsFittedAgain() {
        FittedLayer fitted = (FittedLayer) fit(CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()), refit)
                .layers()
                .get(2);
        FittedTensor tensor = fitted.tensors().get("weight");
        FittedTensor hashOnly = new FittedTensor(tensor.provenance(), tensor.sha256(), Optional.empty());
        CollapsePlan plan = CollapsePlan.identity(6)
                .replace(2, 2, new FittedLayer(fitted.layer(), ImmutableMap.of("weight", hashOnly)));

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        LayerCollapse.builder().calibration(calibration).build().replay(stack, plan))
                .withMessage(
                        "refit keep-first[2, 3, 4]: weight was fitted to calibration sequences and the plan holds only"
                                + " its hash: run the refit again");
        CollapsePlan again = LayerCollapse.builder()
                .calibration(calibration)
                .fit(refit)
                .build()
                .replay(stack, plan)
                .plan();
        assertThat(((FittedLayer) again.layers().get(2)).tensors().get("weight").sha256())
                .isEqualTo(tensor.sha256());
    }

    @Test
    void needsASequenceToHoldOut() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitPass.run(
                        stack,
                        CollapsePlan.identity(6).merge(2, 2, MergeRules.keepFirst()),
                        calibration(1),
                        refit,
                        CollapseListener.NONE))
                .withMessage("a refit needs at least 2 calibration sequences, one of them held out, not 1");
    }

    @Test
    void tellsWhatTheFitsCost() {
        List<FitCost> told = new ArrayList<>();
        FitPass.run(
                stack,
                CollapsePlan.identity(6).merge(3, 1, MergeRules.keepFirst()).merge(1, 1, MergeRules.keepFirst()),
                calibration,
                refit,
                new CollapseListener() {
                    @Override
                    public void fitsEnded(FitCost cost) {
                        told.add(cost);
                    }
                });

        assertThat(told).singleElement().satisfies(cost -> {
            assertThat(cost.time()).isPositive();
            assertThat(cost.solutions()).isEqualTo(2);
            assertThat(cost.tokens()).isEqualTo(60);
            // Two hidden states of all tokens: 2 · 60 · 2 floats. The map four times, and of a batch of 54 tokens the
            // activations, output and residual: 16 + 3 · 108 floats. The two sums, the batch's activations and
            // residuals
            // and a product: 2 · 4 + 2 · 108 + 4 doubles.
            assertThat(cost.bytes()).isEqualTo(4 * 240 + 4 * (16 + 324) + 8 * (8 + 216 + 4));
        });
        assertThat(told.get(0).plus(told.get(0)).solutions()).isEqualTo(4);
        assertThat(told.get(0).plus(told.get(0)).bytes()).isEqualTo(told.get(0).bytes());
    }

    @Test
    void refusesFewerThanFourTokensForEachInputOfAFittedWeight() {
        ToyStack wide = stack.withWeight(2, new float[][] {{1, 0, 0}, {0, 1, 0}});
        Calibration eleven = Calibration.ofFeatures(Nd4j.ones(5, 2), Nd4j.ones(6, 2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitPass.check(wide, eleven, refit))
                .withMessage(
                        "layer 2's weight can't be refit to 11 calibration tokens: the ridge has 3 inputs there and needs 4"
                                + " tokens for each, 12 in all; give a longer text, or allow fewer tokens per input");
        assertThatNoException()
                .as("a transform has as many inputs as the map has outputs")
                .isThrownBy(() -> FitPass.check(wide, eleven, Fit.transform()));
        assertThatNoException().isThrownBy(() -> FitPass.check(wide, eleven, refit.tokensPerInput(3)));
        assertThatNoException()
                .as("the settings' own sequences count")
                .isThrownBy(() -> FitPass.check(wide, eleven, refit.calibration(calibration)));
    }

    @Test
    void refusesTooFewTokensBeforeTheSearch() {
        List<Integer> started = new ArrayList<>();
        LayerCollapse collapse = LayerCollapse.builder()
                .targetLayers(4)
                .calibration(calibration)
                .fit(refit.tokensPerInput(31))
                .listener(new CollapseListener() {
                    @Override
                    public void started(int layers) {
                        started.add(layers);
                    }
                })
                .build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> collapse.apply(stack))
                .withMessageStartingWith("layer 0's weight can't be refit to 60 calibration tokens")
                .withMessageContaining("needs 31 tokens for each, 62 in all");
        assertThat(started).isEmpty();
    }

    @Test
    void refusesAStackOfWhichNoLayerCanBeFittedBeforeTheSearch() {
        List<Integer> started = new ArrayList<>();
        LayerCollapse collapse = LayerCollapse.builder()
                .targetLayers(4)
                .calibration(calibration)
                .fit(refit.tokensPerInput(0))
                .listener(new CollapseListener() {
                    @Override
                    public void started(int layers) {
                        started.add(layers);
                    }
                })
                .build();

        assertThatThrownBy(() -> collapse.apply(new Opaque(stack)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(
                        "layer 0 can't be refit: its stack doesn't say which weight its output depends on linearly, and so it is"
                                + " in every layer: leave the refit out");
        assertThat(started).isEmpty();
    }

    @Test
    void refusesANegativeNumberOfTokensPerInput() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> refit.tokensPerInput(-1))
                .withMessage("the tokens per input of a fitted weight can't be negative, as -1 is");
    }

    @Test
    void refusesAStackThatNamesNoOutputMap() {
        assertThatThrownBy(() -> Fittable.of(new Opaque(stack)).outputMap(3))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(
                        "layer 3 can't be refit: its stack doesn't say which weight its output depends on linearly");
    }

    @Test
    void refusesARidgeThatIsNotPositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.ridge(0.1, 0))
                .withMessage("a ridge must be a positive multiple of the mean diagonal, not 0.0");
    }
}
