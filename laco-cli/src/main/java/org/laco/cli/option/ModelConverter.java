package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.io.HubCache;
import picocli.CommandLine.ITypeConverter;

/**
 * Takes a model's id on the hub for the directory that Hugging Face's cache has of it. One that isn't there is no wrong usage, and is
 * told of before the command runs.
 */
public final class ModelConverter implements ITypeConverter<Path> {
    private final HubCache cache;
    private Optional<IOException> failure = Optional.empty();

    /**
     * Makes a converter for one command line.
     *
     * @param cache where ids are looked up
     */
    public ModelConverter(HubCache cache) {
        this.cache = cache;
    }

    @Override
    public Path convert(String value) {
        Path model = Path.of(value);
        try {
            return cache.resolve(model);
        } catch (IOException e) {
            failure = failure.or(() -> Optional.of(e));
            return model;
        }
    }

    /**
     * Checks that each model was found that has the form of an id.
     *
     * @throws IOException if one wasn't; the message says how it is fetched
     */
    public void requireFound() throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }
}
