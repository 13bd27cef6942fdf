package org.laco.model.block;

import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The map from token ids to the hidden states that enter layer 0.
 *
 * @param tokens the full name of the token table {@code [vocabulary, width]}
 * @param scale the factor of the table's rows
 * @param positions the full name of a table of learned positions {@code [positions, width]} that is added, if there is one
 * @param positionOffset the row of the position table that position 0 takes
 * @param norm a norm applied to the sum, if there is one
 * @param sinusoids vectors of positions that are computed and added, if there are any
 */
public record Embedding(
        String tokens,
        double scale,
        Optional<String> positions,
        int positionOffset,
        Optional<Block> norm,
        Optional<Sinusoids> sinusoids) {
    /**
     * Makes an embedding that looks up tokens only.
     *
     * @param tokens the full name of the token table
     * @return the embedding
     */
    public static Embedding of(String tokens) {
        return new Embedding(tokens, 1, Optional.empty(), 0, Optional.empty(), Optional.empty());
    }

    /**
     * Returns this embedding with its rows scaled.
     *
     * @param factor the factor
     * @return the embedding
     */
    public Embedding scaled(double factor) {
        return new Embedding(tokens, factor, positions, positionOffset, norm, sinusoids);
    }

    /**
     * Returns this embedding with learned positions.
     *
     * @param table the full name of the position table
     * @param offset the row that position 0 takes
     * @return the embedding
     */
    public Embedding withPositions(String table, int offset) {
        return new Embedding(tokens, scale, Optional.of(table), offset, norm, sinusoids);
    }

    /**
     * Returns this embedding with vectors of positions that are computed.
     *
     * @param computed the vectors
     * @param offset the position that the first token of a sequence has
     * @return the embedding
     */
    public Embedding withSinusoids(Sinusoids computed, int offset) {
        return new Embedding(tokens, scale, positions, offset, norm, Optional.of(computed));
    }

    /**
     * Returns this embedding with a norm of its rows.
     *
     * @param block the norm, whose tensors have full names
     * @return the embedding
     */
    public Embedding normed(Block block) {
        return new Embedding(tokens, scale, positions, positionOffset, Optional.of(block), sinusoids);
    }

    /**
     * Returns this embedding with its tensors under other names.
     *
     * @param names gives the new name for one of this embedding's
     * @return the embedding
     */
    public Embedding named(UnaryOperator<String> names) {
        return new Embedding(
                names.apply(tokens),
                scale,
                positions.map(names),
                positionOffset,
                norm.map(block -> block.named(names)),
                sinusoids);
    }
}
