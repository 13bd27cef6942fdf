package org.laco.io;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.laco.base.Services;
import org.laco.model.CausalModel;

/**
 * Opens checkpoints of every format that is known: Hugging Face's, and those on the class path.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoints.open(Path.of("SmolLM2-135M"))) {
 *     checkpoint.model().layerCount();   // 30
 * }
 * }</pre>
 */
public final class Checkpoints {
    private Checkpoints() {}

    /**
     * Returns all formats.
     *
     * @return Hugging Face's, then those that are registered as services
     * @throws IllegalArgumentException if a registered format can't be loaded; the message names it
     */
    public static ImmutableList<CheckpointFormat> formats() {
        return ImmutableList.<CheckpointFormat>builder()
                .add(new HfFormat())
                .addAll(Services.of(CheckpointFormat.class))
                .build();
    }

    /**
     * Opens a checkpoint of the one format that recognises it.
     *
     * @param path the directory, or the file of a format that has only one
     * @return the checkpoint, which the caller closes
     * @throws IOException if no format recognises the path, with what each of them expected, or if several do, or if a file is missing,
     *     can't be read or isn't valid; the message names it
     * @throws IllegalArgumentException if the model isn't supported
     */
    public static Checkpoint open(Path path) throws IOException {
        return format(path).open(path);
    }

    /**
     * Takes a model that is held in memory for a checkpoint, so that what is made of it can be written as Hugging Face's.
     *
     * @param model the model, such as one of {@code CausalModel.of(config, InMemoryTensors.of(arrays))}, which the caller closes
     * @return a checkpoint without a place and without a tokenizer
     */
    public static Checkpoint inMemory(CausalModel model) {
        return new MemoryCheckpoint(requireNonNull(model, "model"));
    }

    private static CheckpointFormat format(Path path) throws IOException {
        ImmutableList<CheckpointFormat> formats = formats();
        if (formats.size() == 1) {
            // With nothing to choose from, the format's own errors say more.
            return formats.get(0);
        }
        List<CheckpointFormat> found = new ArrayList<>();
        List<String> objections = new ArrayList<>();
        for (CheckpointFormat format : formats) {
            Optional<String> objection = format.objection(path);
            if (objection.isPresent()) {
                objections.add(format.name() + ": it " + objection.get());
            } else {
                found.add(format);
            }
        }
        if (found.isEmpty()) {
            throw new IOException(path + " is no checkpoint of a known format (" + String.join("; ", objections) + ")");
        }
        if (found.size() > 1) {
            throw new IOException(path + " is a checkpoint of several formats, "
                    + found.stream().map(CheckpointFormat::name).collect(Collectors.joining(" and "))
                    + ": move the files of one of them elsewhere");
        }
        return found.get(0);
    }

    /** Returns whether a directory holds a checkpoint that may be replaced if that is asked for. */
    static boolean mayReplace(Path directory) throws IOException {
        for (CheckpointFormat format : formats()) {
            if (format.mayReplace(directory)) {
                return true;
            }
        }
        return false;
    }
}
