package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;

class InspectCommandTest {
    @TempDir
    Path directory;

    @Test
    void showsLayersShapesTypesAndShards() throws IOException {
        Run run = Run.laco("inspect", TinyCheckpoint.copyTo(directory).directory());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        // Sizes by config.json; 48 x 320 for the embedding, 8 layers of 2 x 48 + 48 x (48 + 24 + 24 + 48) + 3 x 48 x
        // 96, one norm.
        assertThat(run.out())
                .contains("model type   llama\n", "layers       8\n", "width        48\n", "vocabulary   320\n")
                .contains("parameters   " + String.format("%,d", 15360 + 8 * (96 + 6912 + 13824) + 48) + "\n")
                .contains("head         tied to the embedding\n", "tokenizer    none, bring token ids\n")
                .contains("mergeable    0-7\n")
                .containsPattern("self_attn.k_proj.weight +BF16\\[24, 48\\] +linear\n")
                .containsPattern("input_layernorm.weight +BF16\\[48\\] +norm\n");
    }

    @Test
    void tellsLayersApartThatCannotBeMerged() throws IOException {
        Run run = Run.laco("inspect", TinyCheckpoint.copy("gemma2", directory).directory(), "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode runs = run.json().get("mergeable");
        assertThat(runs.size()).isGreaterThan(1);
        for (int i = 1; i < runs.size(); i++) {
            assertThat(runs.get(i).get("first").asInt())
                    .isEqualTo(runs.get(i - 1).get("last").asInt() + 1);
            assertThat(runs.get(i).get("properties"))
                    .isNotEqualTo(runs.get(i - 1).get("properties"));
        }
    }

    @Test
    void saysWhichLayersAreAlikeWhereOthersLieBetween() throws IOException {
        Path model = TinyCheckpoint.copy("qwen3_5", directory).directory();

        assertThat(Run.laco("inspect", model).out())
                .contains("mergeable    0-2 (mixer linear_attention); 3 (mixer full_attention); 4-6 (mixer")
                .contains("alike        0-2, 4-6, 8-10; 3, 7, 11: ");
        assertThat(Run.laco("inspect", model, "--json").json().get("alike").toString())
                .isEqualTo("[[0,1,2,4,5,6,8,9,10],[3,7,11]]");
    }

    @Test
    void listsEveryTensorAsJson() throws IOException {
        Run run = Run.laco("inspect", TinyCheckpoint.copyTo(directory).directory(), "--json");
        JsonNode json = run.json();
        assertThat(json.get("tensors")).hasSize(8 * 9 + 2);
        assertThat(json.get("tensors").get(0).fieldNames())
                .toIterable()
                .containsExactly("name", "dtype", "shape", "bytes", "file");
        assertThat(json.get("parameters").asLong()).isEqualTo(15360 + 8 * (96 + 6912 + 13824) + 48);
    }
}
