package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models whose indexer chooses among more than 32 positions are run on as many. */
class SequenceLimitTest {
    private static HfCheckpoint open(String name) throws IOException {
        return HfCheckpoint.open(Path.of("src/test/resources/references", name, "model"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek_v32", "glm_moe_dsa"})
    void refusesASequenceThatAnIndexerWouldChooseIn(String name) throws IOException {
        try (HfCheckpoint checkpoint = open(name)) {
            CausalModel model = checkpoint.model();
            assertThat(model.longestSequence()).hasValue(32);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.embed(Calibration.ofTokens(new int[33])))
                    .withMessage(
                            "calibration sequence 0 has 33 tokens, but the model takes at most 32, its index_topk, beyond which an"
                                    + " indexer would choose among them");
        }
    }

    @Test
    void runsASequenceInWhichAllAreChosen() throws IOException {
        try (HfCheckpoint checkpoint = open("deepseek_v32");
                INDArray hidden = checkpoint.model().hidden(Calibration.ofTokens(new int[32]), 4)) {
            assertThat(hidden.size(0)).isEqualTo(32);
        }
    }
}
