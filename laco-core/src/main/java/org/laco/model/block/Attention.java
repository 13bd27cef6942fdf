package org.laco.model.block;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Floats;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.kernel.Activation;
import org.laco.kernel.AttentionSpec;
import org.laco.kernel.Kernels;
import org.laco.kernel.RotaryTable;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Causal self-attention with grouped queries.
 *
 * <pre>{@code
 * Block attention = Attention.builder(32, 8, 128)
 *         .projection(new SeparateProjection(query, key, value))
 *         .output(Linear.of("self_attn.o_proj", 4096, 4096, false))
 *         .rotary(rotary)
 *         .build();
 * }</pre>
 */
public final class Attention implements Block {
    private final Projection projection;
    private final Linear output;
    private final ImmutableList<Block> outputs;
    private final Activation gateActivation;
    private final Optional<Rotary> rotary;
    private final Optional<Block> queryNorm;
    private final Optional<Block> keyNorm;
    private final Optional<String> sinks;
    private final int valueSize;
    private final OptionalInt chunk;
    private final boolean normedRotated;
    private final Optional<QueryGrowth> growth;
    private final AttentionSpec spec;

    private Attention(Builder builder) {
        this.projection = requireNonNull(builder.projection, "projection");
        this.output = requireNonNull(builder.output, "output");
        this.outputs =
                Stream.concat(builder.outputNorm.stream(), Stream.of(output)).collect(ImmutableList.toImmutableList());
        this.gateActivation = builder.gateActivation;
        this.rotary = builder.rotary;
        this.queryNorm = builder.queryNorm;
        this.keyNorm = builder.keyNorm;
        this.sinks = builder.sinks;
        this.valueSize = builder.valueSize;
        this.chunk = builder.chunk;
        this.normedRotated = builder.normedRotated;
        this.growth = builder.growth;
        this.spec = new AttentionSpec(
                builder.heads,
                builder.keyValueHeads,
                builder.headSize,
                builder.scale,
                builder.softCap,
                builder.window,
                builder.slopes);
    }

    /**
     * Starts with a scale of 1/√headSize and no positions, norms, window or cap.
     *
     * @param heads the number of query heads
     * @param keyValueHeads the number of key and value heads
     * @param headSize the width of a head
     * @return a new builder
     */
    public static Builder builder(int heads, int keyValueHeads, int headSize) {
        return new Builder(heads, keyValueHeads, headSize);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        QueryKeyValue projected = projection.apply(x, weights, pass);
        if (normedRotated) {
            rotate(projected.queries(), projected.keys(), pass);
        }
        INDArray queries = normalise(queryNorm, projected.queries(), weights, pass);
        INDArray keys = normalise(keyNorm, projected.keys(), weights, pass);
        if (!normedRotated) {
            rotate(queries, keys, pass);
        }
        grow(queries, pass);
        AttentionSpec attended = spec(weights);
        INDArray weighted = pass.sequences().branches()
                ? kernels.branchingAttention(queries, keys, projected.values(), attended, pass.sequences())
                : kernels.attention(queries, keys, projected.values(), attended, seen(pass.sequences()));
        kernels.release(queries);
        kernels.release(keys);
        kernels.release(projected.values());
        INDArray narrow = narrow(weighted, kernels);
        INDArray gated =
                projected.gates().map(gates -> gate(narrow, gates, kernels)).orElse(narrow);
        INDArray out = Chain.apply(outputs, gated, weights, pass);
        kernels.release(gated);
        return out;
    }

    /** Gates weighted values, in exchange for both arrays. */
    private INDArray gate(INDArray weighted, INDArray gates, Kernels kernels) {
        kernels.gate(gateActivation, gates, weighted);
        kernels.release(weighted);
        return gates;
    }

    /** The sequences as far as queries see them: chunks are sequences of their own. */
    SequenceLayout seen(SequenceLayout sequences) {
        return chunk.isPresent() ? sequences.divided(chunk.getAsInt()) : sequences;
    }

    /** Leaves out the columns by which values were widened to the size of a head, in exchange for the array. */
    private INDArray narrow(INDArray weighted, Kernels kernels) {
        if (valueSize == spec.headSize()) {
            return weighted;
        }
        INDArray narrow = HeadColumns.copy(weighted, spec.headSize(), 0, valueSize);
        kernels.release(weighted);
        return narrow;
    }

    /** Rotates queries and keys in place, if they are rotated at all. */
    void rotate(INDArray queries, INDArray keys, ForwardPass pass) {
        rotary.ifPresent(embedding -> {
            RotaryTable table = pass.rotaryTable(embedding);
            pass.kernels().rotate(queries, spec.headSize(), table);
            pass.kernels().rotate(keys, spec.headSize(), table);
        });
    }

    /** Scales queries, or their gradient, by what they grow with their positions, in place. */
    void grow(INDArray queries, ForwardPass pass) {
        growth.ifPresent(change -> {
            try (INDArray factors = Nd4j.createFromArray(change.factors(pass.sequences()))) {
                queries.muliColumnVector(factors);
            }
        });
    }

    /** Normalises queries or keys where that is asked for, in exchange for the array. */
    private static INDArray normalise(Optional<Block> norm, INDArray x, LayerWeights weights, ForwardPass pass) {
        if (norm.isEmpty()) {
            return x;
        }
        INDArray normed = norm.get().apply(x, weights, pass);
        pass.kernels().release(x);
        return normed;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return new RecordedAttention(this, weights, pass).record(x);
    }

    Projection projection() {
        return projection;
    }

    /** The map back to the hidden width, after its norm if it has one. */
    ImmutableList<Block> outputs() {
        return outputs;
    }

    /** What gates of the output go through. */
    Activation gateActivation() {
        return gateActivation;
    }

    Optional<Rotary> rotary() {
        return rotary;
    }

    Optional<Block> queryNorm() {
        return queryNorm;
    }

    Optional<Block> keyNorm() {
        return keyNorm;
    }

    /** Whether queries and keys are rotated before they are normalised. */
    boolean normedRotated() {
        return normedRotated;
    }

    Optional<QueryGrowth> growth() {
        return growth;
    }

    AttentionSpec spec() {
        return spec;
    }

    /** The same with the sinks of a layer, if it has some. */
    AttentionSpec spec(LayerWeights weights) {
        return sinks.map(
                        name -> spec.withSinks(Floats.asList(weights.array(name).toFloatVector())))
                .orElse(spec);
    }

    /** The name of the tensor of sinks, if there is one. */
    Optional<String> sinks() {
        return sinks;
    }

    /** The number of positions of a chunk, if queries see their own alone. */
    OptionalInt chunk() {
        return chunk;
    }

    /** The width of a head's values, which the projection widens to that of a head. */
    int valueSize() {
        return valueSize;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        projection.declare(declare);
        outputs.forEach(block -> block.declare(declare));
        queryNorm.ifPresent(norm -> norm.declare(declare));
        keyNorm.ifPresent(norm -> norm.declare(declare));
        sinks.ifPresent(name -> declare.accept(TensorDeclaration.of(name, TensorRole.BIAS, spec.heads())));
    }

    @Override
    public int longestBranch() {
        int scaled = rotary.map(embedding -> embedding.scaling().steadyLength()).orElse(Integer.MAX_VALUE);
        int normed = Stream.of(queryNorm, keyNorm)
                .flatMap(Optional::stream)
                .mapToInt(Block::longestBranch)
                .min()
                .orElse(Integer.MAX_VALUE);
        return Math.min(Math.min(scaled, normed), chunk.orElse(Integer.MAX_VALUE));
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }

    /** Collects the parts of an {@link Attention}. */
    public static final class Builder {
        private final int heads;
        private final int keyValueHeads;
        private final int headSize;
        private Projection projection;
        private Linear output;
        private Optional<Block> outputNorm = Optional.empty();
        private Activation gateActivation = Activation.SIGMOID;
        private Optional<Rotary> rotary = Optional.empty();
        private Optional<Block> queryNorm = Optional.empty();
        private Optional<Block> keyNorm = Optional.empty();
        private boolean normedRotated;
        private Optional<QueryGrowth> growth = Optional.empty();
        private double scale;
        private OptionalDouble softCap = OptionalDouble.empty();
        private OptionalInt window = OptionalInt.empty();
        private ImmutableList<Double> slopes = ImmutableList.of();
        private Optional<String> sinks = Optional.empty();
        private int valueSize;
        private OptionalInt chunk = OptionalInt.empty();

        private Builder(int heads, int keyValueHeads, int headSize) {
            this.heads = heads;
            this.keyValueHeads = keyValueHeads;
            this.headSize = headSize;
            this.scale = 1 / Math.sqrt(headSize);
            this.valueSize = headSize;
        }

        /**
         * Sets how queries, keys and values come from hidden states.
         *
         * @param projection the projection
         * @return this builder
         */
        public Builder projection(Projection projection) {
            this.projection = projection;
            return this;
        }

        /**
         * Sets the map back to the hidden width.
         *
         * @param output the map
         * @return this builder
         */
        public Builder output(Linear output) {
            this.output = output;
            return this;
        }

        /**
         * Normalises what all heads give before the map back to the hidden width; by default it isn't.
         *
         * @param norm the norm over all heads together
         * @return this builder
         */
        public Builder outputNorm(RowBlock norm) {
            this.outputNorm = Optional.of(norm);
            return this;
        }

        /**
         * Sets what gates go through, where the projection gives some, the logistic function by default.
         *
         * @param activation the function
         * @return this builder
         */
        public Builder gateActivation(Activation activation) {
            this.gateActivation = activation;
            return this;
        }

        /**
         * Sets rotary position embedding.
         *
         * @param rotary the embedding
         * @return this builder
         */
        public Builder rotary(Rotary rotary) {
            this.rotary = Optional.of(rotary);
            return this;
        }

        /**
         * Sets norms of queries and keys, applied before the rotary embedding.
         *
         * @param query the norm of queries
         * @param key the norm of keys
         * @return this builder
         */
        public Builder queryKeyNorms(Block query, Block key) {
            this.queryNorm = Optional.of(query);
            this.keyNorm = Optional.of(key);
            this.normedRotated = false;
            return this;
        }

        /**
         * Sets norms of queries and keys, applied after the rotary embedding.
         *
         * @param query the norm of queries
         * @param key the norm of keys
         * @return this builder
         */
        public Builder rotatedQueryKeyNorms(Block query, Block key) {
            queryKeyNorms(query, key);
            this.normedRotated = true;
            return this;
        }

        /**
         * Lets queries grow with their positions, after norms and rotary embedding.
         *
         * @param growth how they grow
         * @return this builder
         */
        public Builder queryGrowth(QueryGrowth growth) {
            this.growth = Optional.of(growth);
            return this;
        }

        /**
         * Sets the factor of the scores.
         *
         * @param scale the factor
         * @return this builder
         */
        public Builder scale(double scale) {
            this.scale = scale;
            return this;
        }

        /**
         * Caps the scores softly, {@code cap · tanh(score / cap)}.
         *
         * @param cap the largest absolute score
         * @return this builder
         */
        public Builder softCap(double cap) {
            this.softCap = OptionalDouble.of(cap);
            return this;
        }

        /**
         * Lets a query see itself and only the positions shortly before it.
         *
         * @param positions the number of positions seen, itself included
         * @return this builder
         */
        public Builder window(int positions) {
            this.window = OptionalInt.of(positions);
            return this;
        }

        /**
         * Lets a query see only positions of its own chunk, of which the first begins with the sequence.
         *
         * @param positions the number of positions of a chunk
         * @return this builder
         */
        public Builder chunk(int positions) {
            this.chunk = OptionalInt.of(positions);
            return this;
        }

        /**
         * Sets that heads have fewer value elements than {@code headSize}. The projection puts them first and zeros after them.
         *
         * @param size the number of elements of a head's values, which enter the output's map
         * @return this builder
         */
        public Builder valueSize(int size) {
            this.valueSize = size;
            return this;
        }

        /**
         * Sets linear biases of the scores (ALiBi, Press et al., arXiv 2108.12409).
         *
         * @param slopes one slope a head
         * @return this builder
         */
        public Builder slopes(Iterable<Double> slopes) {
            this.slopes = ImmutableList.copyOf(slopes);
            return this;
        }

        /**
         * Has a learned score a head join the softmax without a value, so that the weights of the values sum to less than 1.
         *
         * @param name the name of its tensor {@code [heads]}
         * @return this builder
         */
        public Builder sinks(String name) {
            this.sinks = Optional.of(name);
            return this;
        }

        /**
         * Makes the block.
         *
         * @return a new instance
         */
        public Attention build() {
            return new Attention(this);
        }
    }
}
