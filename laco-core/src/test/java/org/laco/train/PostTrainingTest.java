package org.laco.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.evaluate.Batching;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.PassListener;
import org.laco.fit.FitListener;
import org.laco.measure.LlamaFixtures;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.SourceLayer;
import org.laco.plan.Training;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

class PostTrainingTest {
    private static final int VOCABULARY = 23;
    private static final CausalModel ORIGINAL = LlamaFixtures.random(VOCABULARY, 16, 6, 7);
    private static final CollapsePlan PLAN = CollapsePlan.identity(6).merge(2, 2, MergeRules.telescoped());
    private static final Calibration TEXT = text(40, 12, 1);

    @TempDir
    Path directory;

    private static Calibration text(int sequences, int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            all.add(random.ints(length, 0, VOCABULARY).toArray());
        }
        return Calibration.ofTokens(all);
    }

    private PostTraining.Builder training() {
        return PostTraining.builder()
                .tokens(480)
                .windowsPerStep(4)
                .windowLength(12)
                .rate(LearningRate.of(4e-3))
                .validations(5)
                .directory(directory);
    }

    @Test
    void lowersTheDivergenceOfTextThatIsNotTrainedOn() throws IOException {
        PostTrainingResult result = training().tokens(1440).build().run(ORIGINAL, PLAN, TEXT);
        assertThat(result.improved()).isTrue();
        assertThat(result.lossAfter()).isLessThan(0.9 * result.lossBefore());
        assertThat(result.steps()).hasSize(30);
        assertThat(result.validations()).hasSize(6);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void trainsTheMergedLayersAloneAndSaysHow() throws IOException {
        PostTrainingResult result = training().build().run(ORIGINAL, PLAN, TEXT);
        assertThat(result.plan().changedLayers()).containsExactly(2);
        FittedLayer layer = (FittedLayer) result.plan().layers().get(2);
        assertThat(layer.tensors().keySet()).isEqualTo(ORIGINAL.tensors(2).keySet());
        assertThat(layer.tensors().values())
                .extracting(FittedTensor::provenance)
                .containsOnly(new Training("kl", result.tokens(), result.lossBefore(), result.lossAfter()));
        assertThat(layer.unfitted()).isEqualTo(PLAN.layers().get(2));
        assertThat(ORIGINAL.collapsed(result.plan()).layerCount()).isEqualTo(4);
    }

    @Test
    void givesTheSameWeightsForTheSameSeed() throws IOException {
        ImmutableMap<String, String> first = hashes(training().seed(3).build().run(ORIGINAL, PLAN, TEXT));
        assertThat(hashes(training().seed(3).build().run(ORIGINAL, PLAN, TEXT))).isEqualTo(first);
        assertThat(hashes(training().seed(4).build().run(ORIGINAL, PLAN, TEXT))).isNotEqualTo(first);
    }

    @Test
    void givesTheSameWeightsWhateverIsComputedAgain() throws IOException {
        ImmutableMap<String, String> kept =
                hashes(training().weights(TrainedWeights.ofAllLayers()).build().run(ORIGINAL, PLAN, TEXT));
        assertThat(hashes(training()
                        .weights(TrainedWeights.ofAllLayers())
                        .activationMemory(0)
                        .build()
                        .run(ORIGINAL, PLAN, TEXT)))
                .isEqualTo(kept);
    }

    @Test
    void addsUpTheGradientsOfBatchesToThoseOfTheStep() throws IOException {
        PostTrainingResult whole = training().tokens(96).build().run(ORIGINAL, PLAN, TEXT);
        PostTrainingResult parts =
                training().tokens(96).windowsPerBatch(3).build().run(ORIGINAL, PLAN, TEXT);
        assertThat(parts.steps().get(0).loss()).isCloseTo(whole.steps().get(0).loss(), within(1e-6));
        assertThat(parts.steps().get(0).gradientNorm())
                .isCloseTo(whole.steps().get(0).gradientNorm(), within(1e-5));
    }

    @Test
    void goesOnFromAKeptStateAsIfItHadNotBeenCutOff() throws IOException {
        MemoryStore store = new MemoryStore();
        ImmutableMap<String, String> undisturbed = hashes(training().build().run(ORIGINAL, PLAN, TEXT));
        assertThatThrownBy(() -> training()
                        .store(store)
                        .listener(failingAfter(5))
                        .build()
                        .run(ORIGINAL, PLAN, TEXT))
                .hasMessage("cut off");
        List<Long> steps = new ArrayList<>();
        PostTrainingResult resumed = training()
                .store(store)
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(TrainingStep step) {
                        steps.add(step.step());
                    }
                })
                .build()
                .run(ORIGINAL, PLAN, TEXT);
        assertThat(steps).first().isEqualTo(5L);
        assertThat(hashes(resumed)).isEqualTo(undisturbed);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void refusesAStateOfOtherSettings() throws IOException {
        MemoryStore store = new MemoryStore();
        training().store(store).build().run(ORIGINAL, PLAN, TEXT);
        assertThatThrownBy(() -> training().store(store).seed(9).build().run(ORIGINAL, PLAN, TEXT))
                .hasMessageContaining(" is of another training: ");
        assertThatThrownBy(() -> training().store(store).build().run(ORIGINAL, PLAN, text(40, 12, 2)))
                .hasMessageContaining(" is of another training: ");
    }

    @Test
    void leavesThePlanAsItIsIfNoStepHelps() throws IOException {
        PostTrainingResult result = training()
                .rate(new LearningRate(10, 0, 1))
                .clip(Double.POSITIVE_INFINITY)
                .build()
                .run(ORIGINAL, PLAN, TEXT);
        assertThat(result.improved()).isFalse();
        assertThat(result.plan()).isEqualTo(PLAN);
        assertThat(result.lossAfter()).isEqualTo(result.lossBefore());
    }

    @Test
    void stopsWhenPatienceIsAtItsEnd() throws IOException {
        PostTrainingResult result =
                training().rate(new LearningRate(10, 0, 1)).patience(2).build().run(ORIGINAL, PLAN, TEXT);
        assertThat(result.steps()).hasSizeLessThan(10);
        assertThat(result.validations()).hasSize(3);
    }

    @Test
    void trainsTowardTheTextAloneWithoutAnOriginal() throws IOException {
        PostTrainingResult result = training()
                .loss(TrainingLoss.nextToken())
                .build()
                .run(ORIGINAL.collapsed(PLAN), Set.of(2), Optional.empty(), 0, Calibration.ofTokens(repeated()));
        assertThat(result.lossAfter()).isLessThan(result.lossBefore());
        assertThat(((FittedLayer) result.plan().layers().get(2)).layer()).isEqualTo(SourceLayer.of(2));
    }

    private static List<int[]> repeated() {
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        }
        return all;
    }

    @Test
    void changesByNoMoreThanTheRankOfItsAdapters() throws IOException {
        PostTrainingResult result = training()
                .weights(TrainedWeights.ofMergedLayers().lowRank(1, 4))
                .tokens(1440)
                .rate(LearningRate.of(1e-2))
                .build()
                .run(ORIGINAL, PLAN, TEXT);
        assertThat(result.improved()).isTrue();
        FittedLayer layer = (FittedLayer) result.plan().layers().get(2);
        assertThat(layer.tensors().keySet())
                .allMatch(name -> name.endsWith("proj.weight"))
                .hasSize(7);
        INDArray trained = layer.tensors()
                .get("mlp.down_proj.weight")
                .values()
                .orElseThrow()
                .load();
        INDArray before = ORIGINAL.collapsed(PLAN)
                .tensors(2)
                .get("mlp.down_proj.weight")
                .tensor()
                .load();
        INDArray change = trained.sub(before);
        // Of a matrix of rank 1, all rows are multiples of one: each 2 by 2 minor is 0.
        double largest = change.amaxNumber().doubleValue();
        assertThat(largest).isGreaterThan(1e-4);
        for (int row = 1; row < change.rows(); row++) {
            double minor = change.getDouble(0, 0) * change.getDouble(row, 1)
                    - change.getDouble(0, 1) * change.getDouble(row, 0);
            assertThat(minor).isCloseTo(0, within(1e-4 * largest * largest + 1e-9));
        }
    }

    @Test
    void computesTheGradientThatDifferencesOfTheLossGive() throws IOException {
        // One step of plain gradient descent changes the loss by −rate · |gradient|², to first order.
        Optimizer descent = new GradientDescent();
        PostTrainingResult result = training()
                .tokens(96)
                .windowsPerStep(8)
                .optimizer(descent)
                .rate(new LearningRate(1e-3, 0, 1))
                .clip(Double.POSITIVE_INFINITY)
                .validation(firstStep())
                .build()
                .run(ORIGINAL, PLAN, firstStep());
        TrainingStep step = result.steps().get(0);
        double expected = 1e-3 * step.gradientNorm() * step.gradientNorm();
        assertThat(step.loss()).isCloseTo(result.lossBefore(), within(1e-6));
        assertThat(result.lossBefore() - result.lossAfter()).isCloseTo(expected, within(0.05 * expected));
    }

    @Test
    void trainsEverythingByTheGradientThatDifferencesOfTheLossGive() throws IOException {
        PostTrainingResult result = training()
                .tokens(96)
                .windowsPerStep(8)
                .weights(TrainedWeights.ofEverything())
                .optimizer(new GradientDescent())
                .rate(new LearningRate(1e-3, 0, 1))
                .clip(Double.POSITIVE_INFINITY)
                .validation(firstStep())
                .build()
                .run(ORIGINAL, PLAN, firstStep());
        TrainingStep step = result.steps().get(0);
        double expected = 1e-3 * step.gradientNorm() * step.gradientNorm();
        assertThat(result.lossBefore() - result.lossAfter()).isCloseTo(expected, within(0.05 * expected));
        assertThat(result.plan().outside().keySet())
                .containsExactlyInAnyOrder("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight");
        CausalModel healed = ORIGINAL.collapsed(result.plan());
        for (String name : result.plan().outside().keySet()) {
            INDArray change = healed.tensors()
                    .tensor(name)
                    .load()
                    .sub(ORIGINAL.tensors().tensor(name).load());
            assertThat(change.amaxNumber().doubleValue()).as(name).isPositive();
        }
    }

    @Test
    void showsNoScoreOfAModelWithOtherWeightsOutsideOfTheLayers() throws IOException {
        CollapsePlan plan = training()
                .weights(TrainedWeights.ofEverything())
                .build()
                .run(ORIGINAL, PLAN, TEXT)
                .plan();
        LayerStack wrapper = new ForwardingStack(ORIGINAL) {};
        assertThatThrownBy(() -> wrapper.collapsed(plan)).hasMessageContaining("outside of its layers");
        EvaluatorSettings how = new EvaluatorSettings(Metrics.cosine(), Batching.of(1), Optional.empty());
        try (LocalEvaluator evaluator =
                LocalEvaluator.of(ORIGINAL, TEXT, how, new PassListener() {}, new FitListener() {})) {
            assertThatThrownBy(() -> evaluator.confirm(plan)).hasMessageContaining("a model of its own");
        }
    }

    @Test
    void refusesToTrainAHeadThatIsTheEmbedding() {
        CausalModel tied = LlamaFixtures.tied(VOCABULARY, 16, 6, 7);
        assertThatThrownBy(() -> training()
                        .weights(TrainedWeights.ofLastLayers(2).withHead())
                        .build()
                        .run(tied, PLAN, TEXT))
                .hasMessageContaining("since it is the embedding");
    }

    private static Calibration firstStep() {
        return TEXT.sequences(0, 8);
    }

    private static final class GradientDescent implements Optimizer {
        @Override
        public String name() {
            return "sgd";
        }

        @Override
        public int states() {
            return 0;
        }

        @Override
        public void update(INDArray weight, INDArray gradient, ImmutableList<INDArray> state, double rate, long step) {
            weight.subi(gradient.muli(rate));
        }
    }

    @Test
    void trainsTowardTheLikeliestTokensNearlyAsTowardAll() throws IOException {
        double all = training().build().run(ORIGINAL, PLAN, TEXT).lossAfter();
        double top = training()
                .loss(TrainingLoss.divergence().top(20))
                .build()
                .run(ORIGINAL, PLAN, TEXT)
                .lossAfter();
        assertThat(top).isCloseTo(all, within(0.05 * all));
    }

    @Test
    void refusesAPlanWithNothingToTrain() {
        assertThatThrownBy(() -> training().build().run(ORIGINAL, CollapsePlan.identity(6), TEXT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no layer is merged");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void refusesAnOriginalOfAnotherVocabulary() {
        CausalModel other = LlamaFixtures.random(VOCABULARY + 1, 16, 6, 7);
        assertThatThrownBy(
                        () -> training().build().run(ORIGINAL.collapsed(PLAN), Set.of(2), Optional.of(other), 0, TEXT))
                .hasMessageContaining("vocabulary of 24 tokens");
    }

    @Test
    void stopsAndCleansUpWhenItsThreadIsInterrupted() {
        assertThatThrownBy(() -> training()
                        .listener(new TrainingListener() {
                            @Override
                            public void stepped(TrainingStep step) {
                                Thread.currentThread().interrupt();
                            }
                        })
                        .build()
                        .run(ORIGINAL, PLAN, TEXT))
                .isInstanceOf(CancellationException.class);
        assertThat(directory).isEmptyDirectory();
    }

    private static TrainingListener failingAfter(long steps) {
        return new TrainingListener() {
            @Override
            public void stepped(TrainingStep step) {
                if (step.step() == steps) {
                    throw new IllegalStateException("cut off");
                }
            }
        };
    }

    private static ImmutableMap<String, String> hashes(PostTrainingResult result) {
        ImmutableMap.Builder<String, String> hashes = ImmutableMap.builder();
        for (int layer : result.plan().changedLayers()) {
            for (Map.Entry<String, FittedTensor> tensor :
                    ((FittedLayer) result.plan().layers().get(layer)).tensors().entrySet()) {
                hashes.put(layer + "." + tensor.getKey(), tensor.getValue().sha256());
            }
        }
        return hashes.buildOrThrow();
    }

    private static final class MemoryStore implements TrainingStore {
        private Optional<TrainingState> kept = Optional.empty();

        @Override
        public Optional<TrainingState> load() {
            return kept;
        }

        @Override
        public void save(TrainingState state) {
            kept = Optional.of(new TrainingState(
                    state.fingerprint(),
                    state.steps(),
                    state.validations(),
                    copies(state.parameters()),
                    copies(state.best())));
        }

        private static ImmutableList<INDArray> copies(List<INDArray> arrays) {
            return arrays.stream().map(array -> array.dup('c')).collect(ImmutableList.toImmutableList());
        }
    }
}
