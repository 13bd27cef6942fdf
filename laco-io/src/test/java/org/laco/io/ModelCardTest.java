package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.LayerCollapse;
import org.laco.stack.Calibration;

class ModelCardTest {
    private static final String THEIRS =
            "---\nlicense: apache-2.0\nlanguage:\n- \"no\"\n- en\nlibrary_name: transformers\n"
                    + "datasets: [books]\n---\n# A tiny model\n\nIt has six layers.\n";

    @TempDir
    Path directory;

    private Path model;
    private Path target;

    @BeforeEach
    void copyAFixture() throws IOException {
        model = Files.createDirectory(directory.resolve("tiny-model"));
        target = directory.resolve("collapsed");
        try (Stream<Path> files = Files.list(Fixture.root().resolve("llama/model"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
    }

    private void collapse(Path from, Path to, CheckpointWriter.Builder writer) throws IOException {
        try (Checkpoint checkpoint = HfCheckpoint.open(from)) {
            writer.build()
                    .write(
                            checkpoint,
                            LayerCollapse.builder()
                                    .calibration(Calibration.ofTokens(new int[] {1, 2, 3, 4}))
                                    .build()
                                    .merge(checkpoint.model(), 1, 2),
                            to);
        }
    }

    private String card() throws IOException {
        return Files.readString(target.resolve("README.md"));
    }

    @Test
    void saysWhatWasMergedAndHowNearTheOriginalTheResultIs() throws IOException {
        collapse(model, target, CheckpointWriter.builder());
        int layers = new Json()
                .readObject(model.resolve("config.json"))
                .get("num_hidden_layers")
                .asInt();
        double similarity = new Json()
                .readObject(target.resolve("laco.json"))
                .get("similarity")
                .asDouble();
        assertThat(card())
                .contains("# A Llama model with " + (layers - 2) + " of " + layers + " layers")
                .contains("| 1 | 1, 2, 3 | telescoped |")
                .contains(String.format("| similarity (cosine) | %.6f |", similarity))
                .contains("laco apply ORIGINAL OUT --plan THIS/laco.json");
    }

    @Test
    void carriesTheLicenceAndTheLanguagesOver() throws IOException {
        Files.writeString(model.resolve("README.md"), THEIRS);
        collapse(model, target, CheckpointWriter.builder());
        FrontMatter ours = FrontMatter.read(target.resolve("README.md"));
        assertThat(ours.get("license").asText()).isEqualTo("apache-2.0");
        assertThat(ours.get("language").toString()).isEqualTo("[\"no\",\"en\"]");
        assertThat(ours.get("library_name").asText()).isEqualTo("transformers");
        assertThat(ours.get("datasets").isMissingNode()).isTrue();
        assertThat(card()).contains("The original's: apache-2.0.");
    }

    @Test
    void namesTheOriginalByItsIdOnTheHub() throws IOException {
        Path snapshot = directory.resolve("hub/models--someone--tiny/snapshots/" + "0123456789".repeat(4));
        Files.createDirectories(snapshot.getParent());
        Files.move(model, snapshot);
        collapse(snapshot, target, CheckpointWriter.builder());
        assertThat(FrontMatter.read(target.resolve("README.md"))
                        .get("base_model")
                        .asText())
                .isEqualTo("someone/tiny");
    }

    @Test
    void keepsTheOriginalsCardBesideAlsoWhenTheResultIsCollapsedAgain() throws IOException {
        Files.writeString(model.resolve("README.md"), THEIRS);
        Path between = directory.resolve("between");
        collapse(model, between, CheckpointWriter.builder());
        collapse(between, target, CheckpointWriter.builder());
        assertThat(between.resolve("README.original.md")).hasContent(THEIRS);
        assertThat(target.resolve("README.original.md")).hasContent(THEIRS);
        assertThat(card()).startsWith("---\nlicense: apache-2.0\n").contains("# A Llama model with ");
    }

    @Test
    void carriesNothingOverFromACardWhoseFrontMatterIsNoYaml() throws IOException {
        Files.writeString(model.resolve("README.md"), "---\nlicense: [mit\n---\n# A tiny model\n");
        collapse(model, target, CheckpointWriter.builder());
        assertThat(card()).startsWith("---\ntags:\n").contains("The licence of the original is that of this model too");
    }

    @Test
    void copiesTheOriginalsCardIfNoneIsWanted() throws IOException {
        Files.writeString(model.resolve("README.md"), THEIRS);
        collapse(model, target, CheckpointWriter.builder().modelCard(false));
        assertThat(card()).isEqualTo(THEIRS);
        assertThat(target.resolve("README.original.md")).doesNotExist();
    }

    @Test
    void isAmongTheFilesWhoseHashesTheRecordHas() throws IOException {
        collapse(model, target, CheckpointWriter.builder());
        assertThat(new Json()
                        .readObject(target.resolve("laco.json"))
                        .at("/outputs/README.md")
                        .isTextual())
                .isTrue();
    }
}
