package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.hash.Hasher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.stack.Gradients;
import org.laco.stack.LanguageStack;
import org.laco.stack.OutsideTensor;
import org.laco.stack.Trainable;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The weights that are trained, layer by layer, with their gradients and what the optimiser keeps for them. */
final class TrainedTensors implements AutoCloseable {
    private static final int BLOCK = 1 << 14;

    private final LanguageStack stack;
    private final Optimizer optimizer;
    private final ImmutableList<ImmutableMap<String, TrainedTensor>> layers;
    private final ImmutableMap<String, TrainedTensor> outside;
    private final boolean embedding;
    /** What the optimiser keeps for each of {@link #parameters}. */
    private final ImmutableList<ImmutableList<INDArray>> states;

    private TrainedTensors(
            LanguageStack stack,
            Optimizer optimizer,
            ImmutableList<ImmutableMap<String, TrainedTensor>> layers,
            ImmutableMap<String, TrainedTensor> outside,
            boolean embedding) {
        this.stack = stack;
        this.optimizer = optimizer;
        this.layers = layers;
        this.outside = outside;
        this.embedding = embedding;
        this.states = parameters().stream()
                .map(parameter -> IntStream.range(0, optimizer.states())
                        .mapToObj(i -> Nd4j.zeros(DataType.FLOAT, parameter.shape()))
                        .collect(ImmutableList.toImmutableList()))
                .collect(ImmutableList.toImmutableList());
    }

    /** Loads the weights that are to be trained. */
    static TrainedTensors of(
            LanguageStack stack, IntPredicate merged, TrainedWeights which, Optimizer optimizer, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<ImmutableMap<String, TrainedTensor>> layers = new ArrayList<>();
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            Map<String, TrainedTensor> trained = new LinkedHashMap<>();
            for (Map.Entry<String, LayerTensor> entry : stack.tensors(layer).entrySet()) {
                LayerTensor tensor = entry.getValue();
                if (which.includes(layer, stack.layerCount(), merged.test(layer), tensor.role())) {
                    trained.put(entry.getKey(), form(tensor, which, random));
                }
            }
            layers.add(ImmutableMap.copyOf(trained));
        }
        checkArgument(
                layers.stream().anyMatch(layer -> !layer.isEmpty()),
                "there is nothing to train: no layer is merged, so choose the layers (last, all)");
        Map<String, OutsideTensor> others =
                Maps.filterValues(Trainable.require(stack).outside(), which::includes);
        checkArgument(
                which.outside() != TrainedWeights.Outside.HEAD
                        || others.values().stream().anyMatch(tensor -> tensor.part() == OutsideTensor.Part.HEAD),
                "the head can't be trained alone, since it is the embedding: leave it out, or train everything");
        return new TrainedTensors(
                stack,
                optimizer,
                ImmutableList.copyOf(layers),
                ImmutableMap.copyOf(Maps.transformValues(others, tensor -> new WholeTensor(tensor.tensor()))),
                others.values().stream().anyMatch(tensor -> tensor.part() == OutsideTensor.Part.EMBEDDING));
    }

    private static TrainedTensor form(LayerTensor tensor, TrainedWeights which, SplittableRandom random) {
        return switch (tensor.role()) {
            case LINEAR ->
                which.adapters()
                        .<TrainedTensor>map(form -> new LowRankTensor(tensor.tensor(), form, random.split()))
                        .orElseGet(() -> new WholeTensor(tensor.tensor()));
            default -> new WholeTensor(tensor.tensor());
        };
    }

    /** Whether gradients are passed back to the embedding. */
    boolean trainsEmbedding() {
        return embedding;
    }

    /** The trained weights outside of the layers by their full names. */
    ImmutableMap<String, TrainedTensor> outside() {
        return outside;
    }

    /** What the gradients outside of the layers are added to. */
    Gradients outsideGradients() {
        return Gradients.of(ImmutableMap.copyOf(Maps.transformValues(outside, TrainedTensor::gradient)));
    }

    /** The stack as it is now outside of the layers. */
    LanguageStack current() {
        if (outside.isEmpty()) {
            return stack;
        }
        ImmutableMap.Builder<String, StoredTensor> current = ImmutableMap.builder();
        outside.forEach((name, tensor) -> current.put(name, ArrayTensor.of(name, tensor.value())));
        return Trainable.require(stack).withOutside(current.buildOrThrow());
    }

    /** The lowest layer that has one; the first one if the embedding is trained. */
    int lowest() {
        return embedding
                ? 0
                : IntStream.range(0, layers.size())
                        .filter(layer -> !layers.get(layer).isEmpty())
                        .findFirst()
                        .orElseThrow();
    }

    /** The trained weights of a layer by their names. */
    ImmutableMap<String, TrainedTensor> layer(int layer) {
        return layers.get(layer);
    }

    /** All tensors of a layer, the trained ones as they are now. */
    ImmutableMap<String, LayerTensor> tensors(int layer) {
        ImmutableMap.Builder<String, LayerTensor> current = ImmutableMap.builder();
        stack.tensors(layer).forEach((name, tensor) -> {
            TrainedTensor trained = layers.get(layer).get(name);
            current.put(
                    name,
                    trained == null
                            ? tensor
                            : new LayerTensor(ArrayTensor.of(tensor.tensor().name(), trained.value()), tensor.role()));
        });
        return current.buildOrThrow();
    }

    /** What a layer's gradients are added to. */
    Gradients gradients(int layer) {
        return Gradients.of(ImmutableMap.copyOf(Maps.transformValues(layers.get(layer), TrainedTensor::gradient)));
    }

    /** Copies of the adapters' factors as they are now. */
    ImmutableList<TrainedAdapter> adapters() {
        ImmutableList.Builder<TrainedAdapter> adapters = ImmutableList.builder();
        for (int layer = 0; layer < layers.size(); layer++) {
            ImmutableMap<String, LayerTensor> tensors = stack.tensors(layer);
            layers.get(layer).forEach((name, trained) -> {
                if (trained instanceof LowRankTensor adapter) {
                    adapters.add(adapter.named(tensors.get(name).tensor().name()));
                }
            });
        }
        return adapters.build();
    }

    long parameterCount() {
        return parameters().stream().mapToLong(INDArray::length).sum();
    }

    ImmutableList<INDArray> parameters() {
        return all().stream().flatMap(tensor -> tensor.parameters().stream()).collect(ImmutableList.toImmutableList());
    }

    /** The parameters, and behind them what the optimiser keeps, as a checkpoint of the training holds them. */
    ImmutableList<INDArray> state() {
        ImmutableList.Builder<INDArray> state = ImmutableList.builder();
        state.addAll(parameters());
        states.forEach(state::addAll);
        return state.build();
    }

    /** Puts back what {@link #state} held. */
    void restore(List<INDArray> state) {
        List<INDArray> own = state();
        requireAsMany(own, state);
        for (int i = 0; i < own.size(); i++) {
            own.get(i).assign(state.get(i));
        }
        all().forEach(TrainedTensor::update);
    }

    /** Puts back what {@link #parameters} held. */
    void restoreParameters(List<INDArray> values) {
        List<INDArray> own = parameters();
        requireAsMany(own, values);
        for (int i = 0; i < own.size(); i++) {
            own.get(i).assign(values.get(i));
        }
        all().forEach(TrainedTensor::update);
    }

    private static void requireAsMany(List<INDArray> own, List<INDArray> others) {
        checkArgument(
                own.size() == others.size(),
                "the kept training has %s arrays, expected %s: it is another model's",
                others.size(),
                own.size());
    }

    /** Adds the weights as they are now to a hash. */
    void addTo(Hasher hasher) {
        float[] block = new float[BLOCK];
        for (INDArray parameter : parameters()) {
            HostFloats values = HostFloats.of(parameter);
            for (int from = 0; from < parameter.length(); from += BLOCK) {
                int count = (int) Math.min(BLOCK, parameter.length() - from);
                values.get(from, block, count);
                for (int i = 0; i < count; i++) {
                    hasher.putFloat(block[i]);
                }
            }
        }
    }

    private List<TrainedTensor> all() {
        return Stream.concat(layers.stream(), Stream.of(outside))
                .flatMap(part -> part.values().stream())
                .toList();
    }

    void clearGradients() {
        all().forEach(tensor -> tensor.gradient().assign(0));
    }

    /**
     * Takes one step.
     *
     * @param clip the norm to which all gradients together are scaled down
     * @return the norm that they had
     */
    double step(double rate, long step, double clip) {
        List<INDArray> gradients = all().stream()
                .flatMap(tensor -> tensor.parameterGradients().stream())
                .toList();
        double norm = Math.sqrt(
                gradients.stream().mapToDouble(TrainedTensors::squares).sum());
        if (!Double.isFinite(norm)) {
            return norm;
        }
        List<INDArray> parameters = parameters();
        for (int i = 0; i < parameters.size(); i++) {
            if (norm > clip) {
                gradients.get(i).muli(clip / norm);
            }
            optimizer.update(parameters.get(i), gradients.get(i), states.get(i), rate, step);
        }
        all().forEach(TrainedTensor::update);
        return norm;
    }

    /** The sum of squares, in float64 and in the order of the elements. */
    private static double squares(INDArray array) {
        HostFloats values = HostFloats.of(array);
        int length = Math.toIntExact(array.length());
        int blocks = (length + BLOCK - 1) / BLOCK;
        double[] sums = IntStream.range(0, blocks)
                .parallel()
                .mapToDouble(block -> {
                    int from = block * BLOCK;
                    float[] part = new float[Math.min(BLOCK, length - from)];
                    values.get(from, part, part.length);
                    double sum = 0;
                    for (float value : part) {
                        sum += (double) value * value;
                    }
                    return sum;
                })
                .toArray();
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    @Override
    public void close() {
        all().forEach(TrainedTensor::close);
        states.forEach(state -> state.forEach(INDArray::close));
    }
}
