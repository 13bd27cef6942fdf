package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Supplier;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.MapMaker;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.laco.kernel.Kernels;
import org.laco.kernel.SingleThreaded;
import org.laco.model.block.Carried;
import org.laco.model.block.Decoder;
import org.laco.model.block.ForwardPass;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.family.Families;
import org.laco.model.family.Family;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Arithmetic;
import org.laco.stack.Branching;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.Footprint;
import org.laco.stack.Gradients;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerRunner;
import org.laco.stack.LogitPart;
import org.laco.stack.OutputMap;
import org.laco.stack.OutsideTensor;
import org.laco.stack.PlanCheck;
import org.laco.stack.Recording;
import org.laco.stack.TracedOutput;
import org.laco.stack.Trainable;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A decoder language model computed in float32 on ND4J.
 *
 * <p>Weights stay where their source has them and are brought to ND4J one layer at a time:
 *
 * <pre>{@code
 * CausalModel model = CausalModel.of(config, tensors);
 * try (INDArray hidden = model.hidden(calibration, 12);        // what enters layer 12
 *         INDArray output = model.hidden(calibration, model.layerCount());
 *         INDArray last = model.finish(output);
 *         INDArray logits = model.logits(last)) {              // [rows, vocabulary]
 *     …
 * }
 * }</pre>
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class CausalModel
        implements LanguageStack, Branching, Fittable, Trainable, Footprint, Arithmetic, AutoCloseable {
    private static final long WORTH_ANNOUNCING = 1 << 26;

    private final ModelConfig config;
    private final TextTower tower;
    private final TensorSource tensors;
    private final Family family;
    private final Decoder decoder;
    private final ModelTensors layout;
    private final ModelKernels arithmetic;
    private final PositionCheck positions;
    /** Whether a sequence was said to be too long, shared with the models that come from this one. */
    private final AtomicBoolean told;

    private final ConcurrentMap<SequenceLayout, DividedBatch> batches =
            new MapMaker().weakKeys().makeMap();

    private CausalModel(
            ModelConfig config, TensorSource tensors, Family family, ModelKernels arithmetic, AtomicBoolean told) {
        this.arithmetic = arithmetic;
        this.told = told;
        this.tower = TextTower.of(config, tensors, family);
        this.config = tower.whole();
        this.tensors = tensors;
        this.family = family;
        this.decoder = tower.define();
        ModelConfig language = tower.config();
        this.layout =
                ModelTensors.of(decoder, tensors, language.flag("tie_word_embeddings", false), tower.mayLackHead());
        this.positions = PositionCheck.of(language, decoder, tensors, told);
    }

    /**
     * Makes the model of a configuration, without reading any weight.
     *
     * @param config the configuration, the content of {@code config.json}
     * @param tensors the weights, which must stay open as long as the model is used
     * @return the model
     * @throws IllegalArgumentException if the model type is not supported, a key is missing, or the tensors aren't those that the
     *     configuration describes; the message names the key or the tensor, its shape, and the expected one
     */
    public static CausalModel of(ModelConfig config, TensorSource tensors) {
        return of(config, tensors, Families.of(config));
    }

    /**
     * Makes the model of a configuration by a family of one's own, whatever {@code model_type} the configuration has, without reading any
     * weight.
     *
     * @param config the configuration
     * @param tensors the weights, which must stay open as long as the model is used
     * @param family the family, which collapsed models will share
     * @return the model
     * @throws IllegalArgumentException if the family refuses the configuration, or the tensors aren't those that the family declares; the
     *     message names the key or the tensor, its shape, and the expected one
     */
    public static CausalModel of(ModelConfig config, TensorSource tensors, Family family) {
        return new CausalModel(config, tensors, family, ModelKernels.ownOf(Kernels::ofBackend), new AtomicBoolean());
    }

    /**
     * Returns this model computed by other arithmetic than the one that suits ND4J's backend best.
     *
     * @param kernels the arithmetic, which collapsed models will share and the caller closes
     * @return a model of the same weights
     */
    public CausalModel with(Kernels kernels) {
        return new CausalModel(config, tensors, family, ModelKernels.lent(kernels), told);
    }

    /**
     * Returns this model computed in some precision by the same arithmetic, and starts ND4J if it isn't running.
     *
     * @param precision the precision
     * @return a model of the same weights, which is closed with this one, or empty if the arithmetic can't compute in that precision here; one
     *     that computes slowly is returned
     */
    @Override
    public Optional<CausalModel> in(Precision precision) {
        return kernels().in(precision).map(other -> other == kernels() ? this : with(other));
    }

    /**
     * Returns in which precision this model is computed, and starts ND4J if it isn't running.
     *
     * @return float32 unless another was asked for
     */
    public Precision precision() {
        return kernels().precision();
    }

    /**
     * Returns the checkpoint's configuration, the whole content of {@code config.json}.
     *
     * @return that of the collapsed model if a plan was applied
     */
    public ModelConfig config() {
        return config;
    }

    /**
     * Returns the language model's configuration: {@link #config}, or the object in it that describes the language model of a multimodal
     * checkpoint, with the defaults of the family.
     *
     * @return that of the collapsed model if a plan was applied
     */
    public ModelConfig languageConfig() {
        return tower.config();
    }

    /**
     * Returns what the names of the language model's tensors begin with in the checkpoint, its head's apart.
     *
     * @return such as {@code model.}, {@code language_model.model.} or, for a model that was saved without a head, nothing
     */
    public String prefix() {
        return tower.prefix();
    }

    /**
     * Lists the tensors that aren't the language model's, which a collapse copies as they are: those of a vision tower and its projector, of
     * draft layers, or of a classifier.
     *
     * @return their names in the order in which they are stored
     */
    public ImmutableList<String> besideLanguageModel() {
        return tensors.names().stream()
                .filter(name -> !tower.contains(name, decoder))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Names the arithmetic that computes this model, and starts ND4J if it isn't running.
     *
     * @return such as {@code oneDNN 3.11.0}
     */
    public String arithmetic() {
        return kernels().name();
    }

    /**
     * Returns the family that defines the model.
     *
     * @return the family
     */
    public Family family() {
        return family;
    }

    /**
     * Returns all tensors, those outside of the layers included.
     *
     * @return the source; merged weights are computed when they are read
     */
    public TensorSource tensors() {
        return tensors;
    }

    /**
     * Returns the definition.
     *
     * @return the decoder's parts and the names of their tensors
     */
    public Decoder decoder() {
        return decoder;
    }

    /**
     * Returns how long the sequences are that the model is made for.
     *
     * @return the positions, empty if neither the tensors nor the configuration limit them
     */
    public Optional<Positions> positions() {
        return positions.positions();
    }

    @Override
    public OptionalInt longestSequence() {
        return positions()
                .filter(Positions::learned)
                .map(known -> OptionalInt.of(known.count()))
                .orElse(OptionalInt.empty());
    }

    @Override
    public int longestBranch() {
        return decoder.layers().stream().mapToInt(Layer::longestBranch).min().orElseThrow();
    }

    /**
     * Returns the number of parameters; tied weights count once, buffers not at all. Where the configuration ties the head to the token
     * table and both are stored, both are read once, to see whether they are the same; a head that differs counts.
     *
     * @return the number of elements of all weights
     */
    public long parameterCount() {
        return layout.parameterCount();
    }

    @Override
    public int layerCount() {
        return decoder.layers().size();
    }

    @Override
    public ImmutableMap<String, String> properties(int layer) {
        return decoder.layers().get(layer).properties();
    }

    @Override
    public Optional<String> reasonToStay(int layer) {
        return tower.reasonToStay(layer);
    }

    @Override
    public Optional<String> reasonAgainst(CollapsePlan plan) {
        try {
            tower.check(plan);
            family.collapse(tower.config(), plan);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return layout.layer(layer);
    }

    @Override
    public INDArray embed(Calibration calibration) {
        positions.check(calibration);
        return new TokenEmbedding(decoder, tensors)
                .embed(calibration, batch(calibration.layout()).whole());
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return compute(() -> batch(sequences).apply(decoder.onRows(layer), hidden, weights, () -> announce(layer + 1)));
    }

    @Override
    public INDArray finish(INDArray hidden) {
        if (decoder.carried().isPresent() && hidden.size(1) > decoder.width()) {
            try (INDArray alone = hiddenStates(hidden)) {
                return finish(alone);
            }
        }
        if (decoder.norm().isEmpty()) {
            return hidden.dup('c');
        }
        SequenceLayout rows = SequenceLayout.of(ImmutableList.of(Math.toIntExact(hidden.size(0))));
        try (LayerWeights weights = LayerWeights.load(layout.norm())) {
            return compute(() -> decoder.norm().get().apply(hidden, weights, new ForwardPass(rows, kernels())));
        }
    }

    /**
     * Computes the hidden states that enter a layer.
     *
     * @param calibration the sequences
     * @param layer the layer, from 0; the number of layers for what leaves the last one
     * @return the hidden states {@code [rows, width]}, a new array
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    public INDArray hidden(Calibration calibration, int layer) {
        checkArgument(
                layer >= 0 && layer <= layerCount(),
                "layer %s is outside the model, which has layers 0 to %s",
                layer,
                layerCount() - 1);
        try (LayerRunner runner = LayerRunner.unpooled(this)) {
            INDArray entering = runner.runFromBottom(calibration, layer);
            if (decoder.carried().isEmpty()) {
                return entering;
            }
            try (entering) {
                return hiddenStates(entering);
            }
        }
    }

    @Override
    public INDArray hiddenStates(INDArray rows) {
        return decoder.carried().isEmpty()
                ? rows
                : HostFloats.columns(rows, 0, decoder.width()).dup('c');
    }

    @Override
    public OutputMap outputMap(int layer) {
        Residual step = decoder.layers().get(layer).lastStep();
        return map(step)
                .orElseThrow(() -> new UnsupportedOperationException(String.format(
                        "layer %d can't be refit: its output doesn't depend linearly on one weight, a %s comes last",
                        layer, step.last().getClass().getSimpleName())));
    }

    private static Optional<OutputMap> map(Residual step) {
        return step.lastMap().map(map -> new OutputMap(map.name() + ".weight", map.inputFirst(), step.scale()));
    }

    @Override
    public ImmutableList<OutputMap> stepMaps(int layer) {
        // Asks for the last first, for its message where there is none.
        outputMap(layer);
        return decoder.layers().get(layer).steps().stream()
                .flatMap(step -> map(step).stream())
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ImmutableList<String> addends(int layer) {
        return decoder
                .layers()
                .get(layer)
                .addends()
                .filter(maps -> decoder.norm().isPresent())
                .orElseThrow(() -> new UnsupportedOperationException("layer " + layer
                        + " can't be scaled: what it adds comes from norms or experts, or it or the head sees the hidden states without a "
                        + "norm"))
                .stream()
                .flatMap(map -> map.biased()
                        ? Stream.of(map.name() + ".weight", map.name() + ".bias")
                        : Stream.of(map.name() + ".weight"))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        Layer upToMap = decoder.layers()
                .get(layer)
                .upTo(step -> map(step).equals(Optional.of(map)))
                .orElseThrow(() ->
                        new UnsupportedOperationException("no step of layer " + layer + " ends in " + map.weight()));
        AtomicReference<INDArray> activations = new AtomicReference<>();
        INDArray output =
                upToMap.apply(hidden, weights, batch(sequences).whole().tapped((entered, x) -> {
                    if (map.weight().equals(entered.name() + ".weight")) {
                        activations.set(x.dup('c'));
                    }
                }));
        return new TracedOutput(activations.get(), output);
    }

    @Override
    public Recording record(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return compute(() -> batch(sequences).record(decoder.onRows(layer), hidden, weights));
    }

    @Override
    public Recording recordFinish(INDArray hidden) {
        if (decoder.norm().isEmpty()) {
            return Recording.of(kernels()::release, kernels().copy(hidden), (gradient, gradients) -> kernels()
                    .copy(gradient));
        }
        SequenceLayout rows = SequenceLayout.of(ImmutableList.of(Math.toIntExact(hidden.size(0))));
        LayerWeights weights = LayerWeights.load(layout.norm());
        return compute(() -> decoder.norm().get().record(hidden, weights, new ForwardPass(rows, kernels())))
                .keeping(weights::close);
    }

    @Override
    public INDArray logitsBackward(INDArray output, INDArray logits, INDArray gradient, Gradients gradients) {
        return compute(() -> head().backward(output, logits, gradient, gradients));
    }

    @Override
    public void embedBackward(Calibration calibration, INDArray gradient, Gradients gradients) {
        new TokenEmbedding(decoder, tensors).backward(calibration, gradient, gradients);
    }

    @Override
    public Runnable keep(long bytes) {
        return kernels().keep(bytes);
    }

    @Override
    public ImmutableMap<String, OutsideTensor> outside() {
        return OutsideTensors.of(decoder, tensors);
    }

    @Override
    public CausalModel withOutside(ImmutableMap<String, StoredTensor> replaced) {
        return new CausalModel(config, CollapsedTensors.replacing(tensors, replaced), family, arithmetic.lend(), told);
    }

    @Override
    public int vocabulary() {
        return layout.hasHead() ? decoder.vocabulary() : 0;
    }

    @Override
    public String whyNoLogits() {
        return "the checkpoint has no language-model head (" + decoder.head().weight()
                + "), so it gives no logits: compare hidden states by the objective cosine, or take the checkpoint that has the head";
    }

    @Override
    public INDArray logits(INDArray output) {
        return compute(() -> head().logits(output));
    }

    @Override
    public void logits(INDArray output, LogitPart part) {
        compute(() -> {
            head().logits(output, part);
            return null;
        });
    }

    @Override
    public INDArray logits(INDArray output, int[] tokens) {
        return compute(() -> head().logits(output, tokens));
    }

    private LogitHead head() {
        LanguageStack.require(this);
        return new LogitHead(decoder, tensors, kernels());
    }

    @Override
    public long parametersOutsideLayers() {
        return layout.parametersOutsideLayers();
    }

    @Override
    public long bytesOutsideLayers() {
        return layout.bytesOutsideLayers();
    }

    @Override
    public CausalModel collapsed(CollapsePlan plan) {
        PlanCheck.check(this, plan);
        tower.check(plan);
        return new CausalModel(
                tower.written(family.collapse(tower.config(), plan)),
                CollapsedTensors.of(this, plan),
                family,
                arithmetic.lend(),
                told);
    }

    @Override
    public long loadedBytes(int layer, boolean merged) {
        Set<String> routed = new HashSet<>();
        decoder.layers().get(layer).declare(tensor -> {
            if (tensor.routed()) {
                routed.add(tensor.name());
            }
        });
        long experts = loadedBytes(layer, merged, routed::contains);
        return loadedBytes(layer, merged, name -> !routed.contains(name)) + Math.min(experts, LayerRunner.EXPERT_BYTES);
    }

    private long loadedBytes(int layer, boolean merged, Predicate<String> which) {
        return tensors(layer).entrySet().stream()
                .filter(tensor ->
                        which.test(tensor.getKey()) && tensor.getValue().role() != TensorRole.BUFFER)
                .mapToLong(tensor -> loadedBytes(tensor.getValue(), merged))
                .sum();
    }

    @Override
    public long carriedColumns() {
        return decoder.carried().map(Carried::columns).orElse(0);
    }

    private long loadedBytes(LayerTensor tensor, boolean merged) {
        StoredTensor stored = tensor.tensor();
        if (tensor.role() != TensorRole.LINEAR || kernels().weightType(stored.dataType()) == DataType.FLOAT) {
            return Float.BYTES * stored.length();
        }
        return !merged && stored.liesInPlace() ? 0 : stored.byteLength();
    }

    @Override
    public boolean hasOwnThreads() {
        // The caller's pool is not to be helped by ND4J's threads, even if it has only one.
        return kernels().threads() > 1 || ForkJoinTask.inForkJoinPool();
    }

    /** Has the weights of a layer read while the one below it is computed, if they are so large that reading them takes a while. */
    private void announce(int layer) {
        if (layer < layerCount()) {
            Collection<LayerTensor> next = tensors(layer).values();
            if (next.stream().mapToLong(tensor -> tensor.tensor().byteLength()).sum() >= WORTH_ANNOUNCING) {
                tensors.prefetch(
                        next.stream().map(tensor -> tensor.tensor().name()).toList());
            }
        }
    }

    private <T> T compute(Supplier<T> task) {
        return SingleThreaded.callIf(hasOwnThreads(), task);
    }

    /**
     * Frees what the arithmetic keeps for use again. Models that were made of this one share it; closing one of those does nothing. The
     * weights stay open, and what is computed afterwards takes longer. Closing again does nothing.
     */
    @Override
    public void close() {
        arithmetic.close();
    }

    private Kernels kernels() {
        return arithmetic.kernels();
    }

    /** The model's tensors by layer. */
    ModelTensors layout() {
        return layout;
    }

    private DividedBatch batch(SequenceLayout sequences) {
        return batches.computeIfAbsent(sequences, layout -> DividedBatch.of(layout, kernels()));
    }
}
