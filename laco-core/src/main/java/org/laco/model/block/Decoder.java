package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A whole decoder: embedding, layers, final norm and head, with the names of their tensors.
 *
 * @param width the hidden width
 * @param vocabulary the number of token ids
 * @param embedding the map from token ids to hidden states
 * @param layerPrefix what stands before a layer's number in its tensors' names, such as {@code model.layers.}
 * @param layers the layers from the bottom up
 * @param norm the final norm, if there is one
 * @param head the map to logits
 * @param drafts how many layers may be stored beyond the last one that hidden states don't go through, such as those that draft tokens;
 *     they move with the last layer and are otherwise left alone
 * @param carried what goes from layer to layer beside the hidden states, if anything
 * @param limit how long sequences may be, if that is limited otherwise than by positions
 */
public record Decoder(
        int width,
        int vocabulary,
        Embedding embedding,
        String layerPrefix,
        ImmutableList<Layer> layers,
        Optional<Block> norm,
        Head head,
        int drafts,
        Optional<Carried> carried,
        Optional<SequenceLimit> limit) {
    /** Checks that there are layers. */
    public Decoder {
        checkArgument(!layers.isEmpty(), "config.json: a decoder needs at least one layer");
    }

    /**
     * Starts a definition.
     *
     * @param width the hidden width
     * @param vocabulary the number of token ids
     * @return a new builder
     */
    public static Builder builder(int width, int vocabulary) {
        return new Builder(width, vocabulary);
    }

    /**
     * Returns this decoder with its tensors under other names.
     *
     * @param names gives the new name, or its beginning, for a full name or its beginning
     * @return the same computation on tensors of these names
     */
    public Decoder named(UnaryOperator<String> names) {
        return new Decoder(
                width,
                vocabulary,
                embedding.named(names),
                names.apply(layerPrefix),
                layers,
                norm.map(block -> block.named(names)),
                head.named(names),
                drafts,
                carried.map(each -> each.named(names)),
                limit);
    }

    /**
     * Returns what a layer computes on rows of hidden states with what is carried after them.
     *
     * @param layer the layer, from 0
     * @return the layer itself if nothing is carried
     */
    public Block onRows(int layer) {
        return carried.isPresent() ? new CarryingLayer(layers.get(layer), width) : layers.get(layer);
    }

    /**
     * Returns this decoder with other layers.
     *
     * @param replaced the layers from the bottom up
     * @return the decoder
     */
    public Decoder withLayers(ImmutableList<Layer> replaced) {
        return new Decoder(width, vocabulary, embedding, layerPrefix, replaced, norm, head, drafts, carried, limit);
    }

    /** Collects the parts of a {@link Decoder}. */
    public static final class Builder {
        private final int width;
        private final int vocabulary;
        private Embedding embedding;
        private String layerPrefix;
        private ImmutableList<Layer> layers;
        private Optional<Block> norm = Optional.empty();
        private Head head;
        private int drafts;
        private Optional<Carried> carried = Optional.empty();
        private Optional<SequenceLimit> limit = Optional.empty();

        private Builder(int width, int vocabulary) {
            this.width = width;
            this.vocabulary = vocabulary;
        }

        /**
         * Sets the map from token ids to hidden states.
         *
         * @param embedding the embedding
         * @return this builder
         */
        public Builder embedding(Embedding embedding) {
            this.embedding = embedding;
            return this;
        }

        /**
         * Sets the layers.
         *
         * @param prefix what stands before a layer's number in its tensors' names
         * @param count the number of layers
         * @param layer makes the layer of a number
         * @return this builder
         */
        public Builder layers(String prefix, int count, IntFunction<Layer> layer) {
            this.layerPrefix = prefix;
            this.layers = IntStream.range(0, count).mapToObj(layer).collect(ImmutableList.toImmutableList());
            return this;
        }

        /**
         * Sets the final norm.
         *
         * @param norm the norm, whose tensors have full names
         * @return this builder
         */
        public Builder norm(Block norm) {
            this.norm = Optional.of(norm);
            return this;
        }

        /**
         * Sets the map to logits.
         *
         * @param head the head
         * @return this builder
         */
        public Builder head(Head head) {
            this.head = head;
            return this;
        }

        /**
         * Sets what goes from layer to layer beside the hidden states, nothing by default.
         *
         * @param beside what is carried
         * @return this builder
         */
        public Builder carried(Carried beside) {
            this.carried = Optional.of(beside);
            return this;
        }

        /**
         * Sets how long sequences may be, as long as there are positions by default.
         *
         * @param most the limit
         * @return this builder
         */
        public Builder limit(SequenceLimit most) {
            this.limit = Optional.of(most);
            return this;
        }

        /**
         * Sets how many layers may be stored beyond the last one, none by default.
         *
         * @param count at most so many
         * @return this builder
         */
        public Builder drafts(int count) {
            this.drafts = count;
            return this;
        }

        /**
         * Makes the decoder.
         *
         * @return a new instance
         */
        public Decoder build() {
            return new Decoder(
                    width,
                    vocabulary,
                    requireNonNull(embedding, "embedding"),
                    layerPrefix,
                    layers,
                    norm,
                    requireNonNull(head, "head"),
                    drafts,
                    carried,
                    limit);
        }
    }
}
