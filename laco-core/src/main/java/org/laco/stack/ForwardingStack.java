package org.laco.stack;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalInt;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A wrapper that answers every question, those of the companion interfaces included, as the stack that it wraps; a subclass overrides
 * what it changes.
 *
 * <pre>{@code
 * final class CountingStack extends ForwardingStack {
 *     private final AtomicInteger runs = new AtomicInteger();
 *
 *     CountingStack(LayerStack counted) {
 *         super(counted);
 *     }
 *
 *     public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
 *         runs.incrementAndGet();
 *         return super.forward(layer, weights, hidden, sequences);
 *     }
 * }
 * }</pre>
 *
 * <p>Five methods are not forwarded, since their answer would leave the wrapper out: {@link #collapsed} wraps this stack, {@link #in}
 * has float32 to offer, {@link #withOutside} refuses, and the logits of some tokens and those in {@linkplain
 * LanguageStack#logits(INDArray, LogitPart) parts} are those of {@link #logits(INDArray)}.
 */
public abstract class ForwardingStack implements LanguageStack, Branching, Fittable, Trainable, Footprint, Arithmetic {
    private final LayerStack delegate;

    /**
     * Wraps a stack.
     *
     * @param delegate the stack
     */
    protected ForwardingStack(LayerStack delegate) {
        this.delegate = requireNonNull(delegate, "delegate");
    }

    /**
     * Returns the stack that is wrapped.
     *
     * @return the stack
     */
    protected final LayerStack delegate() {
        return delegate;
    }

    @Override
    public int layerCount() {
        return delegate.layerCount();
    }

    @Override
    public ImmutableMap<String, String> properties(int layer) {
        return delegate.properties(layer);
    }

    @Override
    public Optional<String> reasonToStay(int layer) {
        return delegate.reasonToStay(layer);
    }

    @Override
    public Optional<String> reasonAgainst(CollapsePlan plan) {
        return delegate.reasonAgainst(plan);
    }

    @Override
    public ImmutableMap<String, LayerTensor> tensors(int layer) {
        return delegate.tensors(layer);
    }

    @Override
    public TensorSource tensors() {
        return delegate.tensors();
    }

    @Override
    public INDArray embed(Calibration calibration) {
        return delegate.embed(calibration);
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return delegate.forward(layer, weights, hidden, sequences);
    }

    @Override
    public INDArray hiddenStates(INDArray rows) {
        return delegate.hiddenStates(rows);
    }

    @Override
    public INDArray finish(INDArray hidden) {
        return delegate.finish(hidden);
    }

    @Override
    public int vocabulary() {
        return LanguageStack.of(delegate).map(LanguageStack::vocabulary).orElse(0);
    }

    @Override
    public String whyNoLogits() {
        return delegate instanceof LanguageStack language ? language.whyNoLogits() : NO_LANGUAGE_MODEL;
    }

    @Override
    public OptionalInt longestSequence() {
        return LanguageStack.of(delegate).map(LanguageStack::longestSequence).orElse(OptionalInt.empty());
    }

    @Override
    public int longestBranch() {
        return Branching.longestBranch(delegate);
    }

    @Override
    public INDArray logits(INDArray output) {
        return LanguageStack.require(delegate).logits(output);
    }

    @Override
    public OutputMap outputMap(int layer) {
        return Fittable.of(delegate).outputMap(layer);
    }

    @Override
    public ImmutableList<OutputMap> stepMaps(int layer) {
        return Fittable.of(delegate).stepMaps(layer);
    }

    @Override
    public ImmutableList<String> addends(int layer) {
        return Fittable.of(delegate).addends(layer);
    }

    @Override
    public TracedOutput trace(
            int layer, OutputMap map, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return Fittable.of(delegate).trace(layer, map, weights, hidden, sequences);
    }

    @Override
    public Recording record(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        return Trainable.require(delegate).record(layer, weights, hidden, sequences);
    }

    @Override
    public Recording recordFinish(INDArray hidden) {
        return Trainable.require(delegate).recordFinish(hidden);
    }

    @Override
    public INDArray logitsBackward(INDArray output, INDArray logits, INDArray gradient, Gradients gradients) {
        return Trainable.require(delegate).logitsBackward(output, logits, gradient, gradients);
    }

    @Override
    public void embedBackward(Calibration calibration, INDArray gradient, Gradients gradients) {
        Trainable.require(delegate).embedBackward(calibration, gradient, gradients);
    }

    @Override
    public Runnable keep(long bytes) {
        return Trainable.require(delegate).keep(bytes);
    }

    @Override
    public ImmutableMap<String, OutsideTensor> outside() {
        return Trainable.require(delegate).outside();
    }

    @Override
    public LanguageStack withOutside(ImmutableMap<String, StoredTensor> tensors) {
        throw new UnsupportedOperationException(
                "a wrapper can't exchange what lies outside of the layers: train them alone");
    }

    @Override
    public long parametersOutsideLayers() {
        return Footprint.of(delegate).parametersOutsideLayers();
    }

    @Override
    public long bytesOutsideLayers() {
        return Footprint.of(delegate).bytesOutsideLayers();
    }

    @Override
    public long loadedBytes(int layer, boolean merged) {
        return Footprint.of(delegate).loadedBytes(layer, merged);
    }

    @Override
    public long carriedColumns() {
        return Footprint.of(delegate).carriedColumns();
    }

    @Override
    public boolean hasOwnThreads() {
        return Arithmetic.of(delegate).hasOwnThreads();
    }

    @Override
    public Optional<? extends LayerStack> in(Precision precision) {
        return precision == Precision.FLOAT32 ? Optional.of(this) : Optional.empty();
    }
}
