package org.laco.model.family;

import org.laco.model.block.Head;
import org.laco.model.config.ModelConfig;

/** Reads whether the head's weight is the token embedding's. */
final class Heads {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";

    private Heads() {}

    /** The head by the names that most families share. */
    static Head read(ModelConfig config, boolean tiedByDefault) {
        return read(config, tiedByDefault, EMBEDDING, HEAD);
    }

    static Head read(ModelConfig config, boolean tiedByDefault, String embedding, String own) {
        return Head.of(config.flag("tie_word_embeddings", tiedByDefault) ? embedding : own);
    }
}
