package org.laco.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignCheckpointTest {
    @TempDir
    Path directory;

    @Test
    void refusesAnAdapterWithoutItsModel() throws IOException {
        create("adapter_config.json", "adapter_model.safetensors");
        assertRefused("holds an adapter (adapter_config.json) without its base model: merge the adapter into the model,"
                + " save that, and collapse it");
    }

    @Test
    void refusesPickledWeights() throws IOException {
        create("config.json", "pytorch_model.bin", "training_args.bin");
        assertRefused("holds only pickled weights (pytorch_model.bin), which can run code when they are read:"
                + " save the model as safetensors, by save_pretrained of transformers, and collapse that");
    }

    @Test
    void refusesWeightsForInference() throws IOException {
        create("config.json", "model-Q4_K_M.gguf");
        assertRefused("holds weights as model-q4_k_m.gguf, a format of quantised models for inference:"
                + " collapse the original checkpoint in safetensors");
    }

    @Test
    void pickledWeightsBesideSafetensorsDoNotMatter() throws IOException {
        create("pytorch_model.bin", "model.safetensors");
        assertThatThrownBy(() -> HfCheckpoint.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("config.json");
    }

    @Test
    void namesTheRevisionsBelowTheRootOfAModelInTheCache() throws IOException {
        Path root = directory;
        Path snapshot = Files.createDirectories(root.resolve("snapshots/abc"));
        assertRefused("is where Hugging Face's cache keeps all revisions of a model: give one of them, " + snapshot);
        Files.delete(snapshot);
        assertRefused(
                "is where Hugging Face's cache keeps all revisions of a model: there is none in its snapshots, so it has"
                        + " to be downloaded again");
    }

    @Test
    void saysHowToReplaceATokenizerOfAnotherFormat() throws IOException {
        create("tokenizer.model");
        assertThatThrownBy(() -> HfTokenizer.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        directory.resolve("tokenizer.json") + " is missing, and the tokenizer.model that is there is a"
                                + " format which isn't read: load the tokenizer with transformers and save it, or calibrate with lines"
                                + " of {\"input_ids\": […]}");
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> HfCheckpoint.open(directory))
                .isInstanceOf(IOException.class)
                .hasMessage(directory + " " + reason);
    }

    private void create(String... names) throws IOException {
        for (String name : names) {
            Files.createFile(directory.resolve(name));
        }
    }
}
