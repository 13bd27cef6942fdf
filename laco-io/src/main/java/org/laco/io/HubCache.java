package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.laco.io.file.SmallFile;

/**
 * The models that Hugging Face's tools have fetched to this machine, by their ids on the hub. Nothing is ever fetched here.
 *
 * <pre>{@code
 * Path directory = HubCache.ofEnvironment().resolve(Path.of("HuggingFaceTB/SmolLM2-135M"));
 * try (Checkpoint checkpoint = Checkpoints.open(directory)) {
 *     checkpoint.model().layerCount();   // 30
 * }
 * }</pre>
 *
 * <p>The cache is where <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">huggingface_hub</a> has it: {@code
 * HF_HUB_CACHE}, else {@code hub} in {@code HF_HOME}, else {@code huggingface/hub} in {@code XDG_CACHE_HOME} or {@code ~/.cache}. In it,
 * {@code models--OWNER--NAME/refs/main} holds the commit whose files are in {@code models--OWNER--NAME/snapshots/COMMIT}.
 */
public final class HubCache {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final String MODELS = "models--";
    private static final int MAX_REFERENCE = 1000;

    private final Path directory;

    private HubCache(Path directory) {
        this.directory = directory;
    }

    /**
     * Returns the cache of this process's user.
     *
     * @return the cache, which needn't exist
     */
    public static HubCache ofEnvironment() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * Returns the cache that an environment describes.
     *
     * @param environment the variables by name, of which empty ones count as missing
     * @param home the user's directory
     * @return the cache, which needn't exist
     */
    public static HubCache of(Map<String, String> environment, Path home) {
        return new HubCache(given(environment, "HF_HUB_CACHE")
                .or(() -> given(environment, "HF_HOME").map(at -> at.resolve("hub")))
                .orElseGet(() -> given(environment, "XDG_CACHE_HOME")
                        .orElse(home.resolve(".cache"))
                        .resolve("huggingface")
                        .resolve("hub")));
    }

    private static Optional<Path> given(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /**
     * Returns where the cache is.
     *
     * @return its directory, which needn't exist
     */
    public Path directory() {
        return directory;
    }

    /**
     * Finds a model that is named by its place or its id.
     *
     * @param model a path, or OWNER/NAME; what exists is a path
     * @return the path, or the snapshot of the cache whose id it is
     * @throws IOException if it has the form of an id, and is neither; the message says where it was looked for and how it is fetched
     */
    public Path resolve(Path model) throws IOException {
        if (!isId(model) || Files.exists(model, LinkOption.NOFOLLOW_LINKS)) {
            return model;
        }
        String id = model.getName(0) + "/" + model.getName(1);
        Path kept = directory.resolve(MODELS + id.replace("/", "--"));
        Path reference = kept.resolve("refs").resolve("main");
        if (!Files.isRegularFile(reference)) {
            throw missing(id, "not in the Hugging Face cache " + directory);
        }
        String commit = SmallFile.read(reference, MAX_REFERENCE).text().strip();
        if (!COMMIT.matcher(commit).matches()) {
            throw new IOException(reference + " holds no commit of 40 hexadecimal digits");
        }
        Path snapshot = kept.resolve("snapshots").resolve(commit);
        if (!Files.isDirectory(snapshot)) {
            throw missing(id, "of its main commit the Hugging Face cache has no " + snapshot);
        }
        return snapshot;
    }

    private static IOException missing(String id, String where) {
        return new IOException(id + " is no directory, and " + where + ": fetch the model by 'hf download " + id + "'");
    }

    /** The hub's rule, which also keeps an id from leading out of the cache. */
    private static boolean isId(Path model) {
        if (model.isAbsolute() || model.getNameCount() != 2) {
            return false;
        }
        for (Path part : model) {
            String name = part.toString();
            if (!PART.matcher(name).matches() || name.contains("--") || name.contains("..")) {
                return false;
            }
        }
        return true;
    }

    /**
     * Names a model for those who read of it.
     *
     * @param model a checkpoint's directory
     * @return the id of a snapshot of a cache, whose directory is named by a commit, else the directory's name
     */
    public static String nameOf(Path model) {
        Path absolute = model.toAbsolutePath().normalize();
        Path snapshots = absolute.getParent();
        if (snapshots != null
                && snapshots.endsWith("snapshots")
                && snapshots.getParent().getFileName() != null) {
            String kept = snapshots.getParent().getFileName().toString();
            if (kept.startsWith(MODELS)) {
                return kept.substring(MODELS.length()).replaceFirst("--", "/");
            }
        }
        return (absolute.getFileName() == null ? absolute : absolute.getFileName()).toString();
    }
}
