package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tells directories that a new checkpoint may take the place of from those that hold somebody's work.
 *
 * <p>A directory may be replaced if it is empty, or if it holds a checkpoint and nothing but what this library or transformers could
 * have written there. Whoever asks for overwriting may have named the wrong directory, and what is replaced is gone.
 */
final class ReplaceableDirectory {
    private static final Pattern WEIGHTS = Pattern.compile("[\\w.-]*\\.safetensors|pytorch_model[\\w.-]*\\.bin");

    /** The names that {@code save_pretrained}, a trainer, and the repositories of published models have beside weights. */
    private static final Pattern KNOWN = Pattern.compile(
            WEIGHTS.pattern()
                    + "|[\\w.-]*\\.index\\.json"
                    + "|((generation_|preprocessor_|processor_|adapter_)?config"
                    + "|tokenizer|tokenizer_config|vocab|special_tokens_map|added_tokens|chat_template|trainer_state|laco)\\.json"
                    + "|(vocab|merges)\\.txt|chat_template\\.jinja|(tokenizer|spiece|sentencepiece[\\w.]*)\\.model|[\\w.-]+\\.tiktoken"
                    + "|(configuration|modeling|modular|tokenization|processing)_\\w+\\.py|training_args\\.bin"
                    + "|(readme|license|licence|notice|use_policy)(\\.md|\\.txt)?",
            Pattern.CASE_INSENSITIVE);

    private final Path directory;
    private final List<Path> entries;

    private ReplaceableDirectory(Path directory, List<Path> entries) {
        this.directory = directory;
        this.entries = entries;
    }

    /**
     * Returns what keeps a directory from being replaced.
     *
     * @return the rest of a sentence on the directory; empty if it may be replaced
     */
    static Optional<String> objection(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new ReplaceableDirectory(directory, files.sorted().toList()).objection();
        }
    }

    /** Returns whether a directory holds a model of transformers' and nothing else. */
    static boolean isCheckpoint(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            ReplaceableDirectory read = new ReplaceableDirectory(directory, files.toList());
            return read.isModel() && read.entries.stream().allMatch(entry -> belongs(entry, ImmutableSet.of()));
        }
    }

    private Optional<String> objection() throws IOException {
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        Optional<ObjectNode> record = object(CollapseRecord.FILE_NAME).filter(node -> node.has("plan"));
        if (record.isEmpty() && !isModel()) {
            return Checkpoints.mayReplace(directory) ? Optional.empty() : Optional.of("holds no checkpoint");
        }
        ImmutableSet.Builder<String> written = ImmutableSet.builder();
        record.ifPresent(node -> node.path("outputs").fieldNames().forEachRemaining(written::add));
        ImmutableSet<String> own = written.build();
        return entries.stream()
                .filter(entry -> !belongs(entry, own))
                .findFirst()
                .map(entry -> "holds '" + entry.getFileName()
                        + "', which is no file of a checkpoint's (move it, or name another directory),");
    }

    /** Returns whether there is the configuration of a model, or of an adapter, with weights beside it. */
    private boolean isModel() {
        return (hasText(ConfigFile.NAME, "model_type") || hasText(PeftAdapter.CONFIG, "peft_type"))
                && entries.stream()
                        .anyMatch(entry ->
                                WEIGHTS.matcher(entry.getFileName().toString()).matches());
    }

    private boolean hasText(String file, String key) {
        return object(file)
                .map(config -> config.path(key))
                .filter(JsonNode::isTextual)
                .isPresent();
    }

    private static boolean belongs(Path entry, ImmutableSet<String> written) {
        String name = entry.getFileName().toString();
        return Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                && (written.contains(name) || KNOWN.matcher(name).matches());
    }

    /** Returns nothing for a file that is missing or isn't what its name says. */
    private Optional<ObjectNode> object(String name) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Json().readObject(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
