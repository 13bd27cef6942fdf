package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntConsumer;
import org.laco.base.Cancellation;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Continues a prompt with the likeliest token at each step, so that anyone can look at what a model says.
 *
 * <pre>{@code
 * GreedyGenerator generator = GreedyGenerator.builder(model).stopAt(2).listener(id -> print(id)).build();
 * ImmutableIntArray said = generator.generate(new int[] {1, 504, 3575}, 20);
 * }</pre>
 *
 * <p>The whole text is computed anew for each token; weights stay loaded between tokens as far as they fit a bound. An instance is
 * immutable and safe for use by several threads if its listener is.
 */
public final class GreedyGenerator {
    private final LanguageStack model;
    private final ImmutableSet<Integer> stopTokens;
    private final long weightBytes;
    private final IntConsumer listener;

    private GreedyGenerator(Builder builder) {
        this.model = builder.model;
        this.stopTokens = builder.stopTokens;
        this.weightBytes = builder.weightBytes;
        this.listener = builder.listener;
    }

    /**
     * Starts with the defaults: no stop tokens, 512 MiB of weights kept loaded, no listener.
     *
     * @param model the model, or a stack around one
     * @return a new builder
     * @throws UnsupportedOperationException if the model gives no logits, as one without a head
     */
    public static Builder builder(LanguageStack model) {
        return new Builder(model);
    }

    /**
     * Continues a prompt.
     *
     * @param prompt its token ids, special tokens included
     * @param maxTokens how many tokens are generated at most
     * @return the generated tokens, without the prompt and without the stop token that ended them; of equally likely ones the lowest
     * @throws IllegalArgumentException if the prompt is empty, an id is not in the vocabulary, or the number of tokens is negative
     * @throws ArithmeticException if the model's logits are not finite
     * @throws CancellationException if the thread is interrupted
     */
    public ImmutableIntArray generate(int[] prompt, int maxTokens) {
        checkArgument(maxTokens >= 0, "the number of tokens to generate is %s, expected at least 0", maxTokens);
        checkArgument(prompt.length > 0, "the prompt is empty, expected at least one token");
        model.longestSequence().ifPresent(most -> new Positions(most, true, "the longest sequence that it can be given")
                .requireRoom(
                        prompt.length + Math.max(0L, maxTokens - 1L),
                        "the prompt of " + prompt.length + " tokens with those to be added"));
        int vocabulary = model.vocabulary();
        for (int at = 0; at < prompt.length; at++) {
            checkArgument(
                    prompt[at] >= 0 && prompt[at] < vocabulary,
                    "prompt, position %s: token id %s is not in the vocabulary of %s",
                    at,
                    prompt[at],
                    vocabulary);
        }
        List<Integer> text = new ArrayList<>(Ints.asList(prompt));
        try (ResidentWeights weights = new ResidentWeights(model, weightBytes)) {
            while (text.size() < prompt.length + (long) maxTokens) {
                int next = next(Calibration.ofTokens(Ints.toArray(text)), weights);
                if (stopTokens.contains(next)) {
                    break;
                }
                text.add(next);
                listener.accept(next);
            }
        }
        return ImmutableIntArray.copyOf(text.subList(prompt.length, text.size()));
    }

    private int next(Calibration text, ResidentWeights weights) {
        INDArray hidden = model.embed(text);
        SequenceLayout layout = text.layout();
        for (int layer = 0; layer < model.layerCount(); layer++) {
            try (INDArray entering = hidden) {
                Cancellation.stopIfInterrupted();
                hidden = weights.forward(layer, entering, layout);
            }
        }
        try (INDArray all = hidden;
                INDArray last = Nd4j.pullRows(all, 1, new int[] {layout.rows() - 1});
                INDArray output = model.finish(last);
                INDArray logits = model.logits(output)) {
            if (!Float.isFinite(logits.sumNumber().floatValue())) {
                throw new ArithmeticException(
                        "the model's logits after " + layout.rows() + " tokens are not finite, so none is likeliest");
            }
            try (INDArray best = logits.argMax(1)) {
                return best.getInt(0);
            }
        }
    }

    /** Collects the settings of a {@link GreedyGenerator}. */
    public static final class Builder {
        private final LanguageStack model;
        private ImmutableSet<Integer> stopTokens = ImmutableSet.of();
        private long weightBytes = 1L << 29;
        private IntConsumer listener = token -> {};

        private Builder(LanguageStack model) {
            this.model = LanguageStack.require(requireNonNull(model, "model"));
        }

        /**
         * Sets the tokens that end a text, such as {@code eos_token_id}.
         *
         * @param tokens the token ids
         * @return this builder
         */
        public Builder stopAt(int... tokens) {
            this.stopTokens = ImmutableSet.copyOf(Ints.asList(tokens));
            return this;
        }

        /**
         * Bounds the weights that stay loaded between tokens; those beyond are read again for each token.
         *
         * @param bytes the number of bytes as float32
         * @return this builder
         */
        public Builder weightBytes(long bytes) {
            checkArgument(bytes >= 0, "the weights to keep loaded are %s bytes, expected at least 0", bytes);
            this.weightBytes = bytes;
            return this;
        }

        /**
         * Sets who is told of each token as soon as it is known.
         *
         * @param told receives the token ids, without the stop token
         * @return this builder
         */
        public Builder listener(IntConsumer told) {
            this.listener = requireNonNull(told, "listener");
            return this;
        }

        /**
         * Makes the generator.
         *
         * @return a new instance
         */
        public GreedyGenerator build() {
            return new GreedyGenerator(this);
        }
    }
}
