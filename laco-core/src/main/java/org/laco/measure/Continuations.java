package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.laco.model.GreedyGenerator;

/**
 * What a model makes of some prompts, the likeliest token at each step.
 *
 * <pre>{@code
 * Continuations before = Continuations.generate(GreedyGenerator.builder(original).build(), prompts, 64);
 * Continuations after = Continuations.generate(GreedyGenerator.builder(collapsed).build(), prompts, 64);
 * after.repetition();        // 0.31: nearly a third of the runs of four tokens were there before
 * after.agreement(before);   // 0.22: a fifth of the original's text until the first token that differs
 * }</pre>
 *
 * @param texts the generated token ids of each prompt, without the prompt
 */
public record Continuations(ImmutableList<ImmutableIntArray> texts) {
    /** The length of the runs that {@link #repetition} is of. */
    public static final int GRAM = 4;

    /** Checks that there is a text. */
    public Continuations {
        checkArgument(!texts.isEmpty(), "there is no text, expected that of at least one prompt");
    }

    /**
     * Lets a model go on with each prompt.
     *
     * @param generator the model, and the tokens that end a text
     * @param prompts token ids, special tokens included
     * @param maxTokens how many tokens are generated of each at most
     * @param done receives after each prompt how many are done
     * @return the texts
     * @throws IllegalArgumentException if there is no prompt, one is empty or too long for the model, or an id is not in the vocabulary
     * @throws ArithmeticException if the model's logits are not finite
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static Continuations generate(
            GreedyGenerator generator, List<int[]> prompts, int maxTokens, IntConsumer done) {
        ImmutableList.Builder<ImmutableIntArray> texts = ImmutableList.builder();
        for (int i = 0; i < prompts.size(); i++) {
            texts.add(generator.generate(prompts.get(i), maxTokens));
            done.accept(i + 1);
        }
        return new Continuations(texts.build());
    }

    /**
     * Lets a model go on with each prompt.
     *
     * @param generator the model, and the tokens that end a text
     * @param prompts token ids, special tokens included
     * @param maxTokens how many tokens are generated of each at most
     * @return the texts
     * @throws IllegalArgumentException if there is no prompt, one is empty or too long for the model, or an id is not in the vocabulary
     * @throws ArithmeticException if the model's logits are not finite
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static Continuations generate(GreedyGenerator generator, List<int[]> prompts, int maxTokens) {
        return generate(generator, prompts, maxTokens, prompt -> {});
    }

    /**
     * Returns the share of repeated 4-grams.
     *
     * @return the mean of {@link Repetition#share} over the texts that are long enough; NaN if none is
     */
    public double repetition() {
        return IntStream.range(0, texts.size())
                .mapToDouble(this::repetition)
                .filter(share -> !Double.isNaN(share))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * Returns the share of repeated 4-grams of one text.
     *
     * @param text the number of the prompt, from 0
     * @return its {@link Repetition#share}; NaN if it is shorter than a run
     */
    public double repetition(int text) {
        return Repetition.of(texts.get(text), GRAM).share();
    }

    /**
     * Returns how far the texts are those of an original: after the first other token they are about something else.
     *
     * @param original the original's texts on the same prompts
     * @return the mean over the prompts of {@link #agreement(Continuations, int)}, 1 if all texts are equal
     * @throws IllegalArgumentException if there are not as many texts
     */
    public double agreement(Continuations original) {
        checkArgument(
                texts.size() == original.texts.size(),
                "there are %s texts, but %s of the original",
                texts.size(),
                original.texts.size());
        return IntStream.range(0, texts.size())
                .mapToDouble(text -> agreement(original, text))
                .average()
                .orElseThrow();
    }

    /**
     * Returns how far one text is that of an original.
     *
     * @param original the original's texts on the same prompts
     * @param text the number of the prompt, from 0
     * @return the number of tokens before the first that differs, or where one text ends, by the length of the longer text; 1 for two
     *     empty ones
     */
    public double agreement(Continuations original, int text) {
        ImmutableIntArray one = texts.get(text);
        ImmutableIntArray other = original.texts.get(text);
        int longer = Math.max(one.length(), other.length());
        int equal = 0;
        while (equal < Math.min(one.length(), other.length()) && one.get(equal) == other.get(equal)) {
            equal++;
        }
        return longer == 0 ? 1 : (double) equal / longer;
    }
}
