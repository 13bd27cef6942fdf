package org.laco.model.family;

import org.laco.model.block.Head;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/**
 * Which stored matrix embeds tokens and which one makes logits.
 *
 * <p>A head that the file has is used, whatever the configuration says of ties: training and merging tools leave heads of their own
 * in the files of models that were tied, and transformers 5 keeps the two apart as soon as they differ. Of a tie, either matrix
 * may be the one that is stored.
 *
 * @param embedding the full name of the token table
 * @param head the map to logits
 */
record Heads(String embedding, Head head) {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";

    /** The matrices by the names that most families share. */
    static Heads read(ModelConfig config, TensorSource tensors) {
        return read(config, tensors, EMBEDDING, HEAD);
    }

    static Heads read(ModelConfig config, TensorSource tensors, String embedding, String own) {
        boolean tied = config.flag("tie_word_embeddings", false);
        if (!tied) {
            return new Heads(embedding, Head.of(own));
        }
        boolean hasHead = tensors.contains(own);
        String tokens = hasHead && !tensors.contains(embedding) ? own : embedding;
        return new Heads(tokens, Head.of(hasHead ? own : embedding));
    }
}
