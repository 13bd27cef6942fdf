package org.laco.examples;

import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The small language model that comes with laco, put into files.
 *
 * <p>A decoder of the Llama family with 12 layers and 2.3 million parameters, trained on a made-up world of short stories; a README
 * beside its sources tells how.
 *
 * <pre>{@code
 * EmbeddedModel embedded = EmbeddedModel.extractTo(Files.createTempDirectory("laco"));
 * try (HfCheckpoint checkpoint = HfCheckpoint.open(embedded.model())) {
 *     checkpoint.model().layerCount();   // 12
 * }
 * }</pre>
 *
 * @param directory the directory of all files
 */
public record EmbeddedModel(Path directory) {
    private static final ImmutableList<String> FILES = ImmutableList.of(
            "model/config.json",
            "model/generation_config.json",
            "model/model-00001-of-00002.safetensors",
            "model/model-00002-of-00002.safetensors",
            "model/model.safetensors.index.json",
            "model/tokenizer.json",
            "model/tokenizer_config.json",
            "calibration.txt",
            "held-out.txt",
            "choices.jsonl");

    /**
     * Writes the model and its texts.
     *
     * @param directory an existing directory
     * @return the files
     * @throws IOException if they can't be written, or are there already
     */
    public static EmbeddedModel extractTo(Path directory) throws IOException {
        Files.createDirectory(directory.resolve("model"));
        for (String name : FILES) {
            try (OutputStream out = Files.newOutputStream(directory.resolve(name), StandardOpenOption.CREATE_NEW)) {
                Resources.copy(Resources.getResource(EmbeddedModel.class, "model/" + name), out);
            }
        }
        return new EmbeddedModel(directory);
    }

    /**
     * Returns where the checkpoint is.
     *
     * @return its directory
     */
    public Path model() {
        return directory.resolve("model");
    }

    /**
     * Returns the calibration sentences.
     *
     * @return a text file, one sentence a line
     */
    public Path calibration() {
        return directory.resolve("calibration.txt");
    }

    /**
     * Returns text that the model wasn't trained on.
     *
     * @return a text file, one paragraph a line
     */
    public Path heldOut() {
        return directory.resolve("held-out.txt");
    }

    /**
     * Returns questions of multiple choice.
     *
     * @return a file of JSON lines
     */
    public Path choices() {
        return directory.resolve("choices.jsonl");
    }
}
