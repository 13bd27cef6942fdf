package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.factory.Nd4j;

class HeadsTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    @Test
    void aTiedHeadThatIsNotStoredIsTheEmbedding() {
        assertThat(read(true, EMBEDDING)).isEqualTo(EMBEDDING + " " + EMBEDDING);
    }

    @Test
    void aStoredHeadIsUsedThoughTheConfigurationTiesIt() {
        assertThat(read(true, EMBEDDING, HEAD)).isEqualTo(EMBEDDING + " " + HEAD);
    }

    @Test
    void theOnlyCopyOfATiedMatrixIsBoth() {
        assertThat(read(true, HEAD)).isEqualTo(HEAD + " " + HEAD);
    }

    @Test
    void anUntiedHeadIsTheHeadWhetherItIsThereOrNot() {
        assertThat(read(false, EMBEDDING, HEAD)).isEqualTo(EMBEDDING + " " + HEAD);
        assertThat(read(false, EMBEDDING)).isEqualTo(EMBEDDING + " " + HEAD);
    }

    private static String read(boolean tied, String... stored) {
        Heads heads = Heads.read(
                ModelConfig.of(Map.of("tie_word_embeddings", tied)),
                InMemoryTensors.of(Stream.of(stored).collect(Collectors.toMap(name -> name, name -> Nd4j.zeros(1)))));
        return heads.embedding() + " " + heads.head().weight();
    }
}
