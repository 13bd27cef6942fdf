package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A fixture with a tokenizer of four words, which splits at spaces. */
final class WordCheckpoint {
    private static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
             "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "the": 1, "capital": 2, "of": 3, "model": 4}}}
            """;

    private WordCheckpoint() {}

    /** Puts the fixture into a directory and opens it. */
    static HfCheckpoint open(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/fixtures/llama/model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        Files.writeString(directory.resolve(HfTokenizer.FILE_NAME), TOKENIZER);
        return HfCheckpoint.open(directory);
    }
}
