package org.laco.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import org.laco.cli.option.HealPrefix;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.TextConverter;
import org.laco.io.HubCache;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** What a command line sees of the machine besides the files that it names: gives those parts to the converters that need them. */
final class Surroundings implements IFactory, AutoCloseable {
    private final IFactory others = CommandLine.defaultFactory();
    private final ModelConverter models;
    private final TextConverter texts;

    /** Has no models and no input: for tools that ask commands for their options, and run none. Found by its name. */
    Surroundings() {
        this(HubCache.of(Map.of(), Path.of("")), InputStream.nullInputStream());
    }

    /** Takes models from a cache, and texts from standard input where one is asked for. */
    Surroundings(HubCache cache, InputStream input) {
        this.models = new ModelConverter(cache);
        this.texts = new TextConverter(input);
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == ModelConverter.class) {
            return type.cast(models);
        }
        if (type == TextConverter.class) {
            return type.cast(texts);
        }
        return type == HealPrefix.class ? type.cast(new HealPrefix(this)) : others.create(type);
    }

    /** Fetches what arguments stand for, before the command runs. */
    void prepare() throws IOException {
        models.requireFound();
        texts.read();
    }

    /** Says in a message what the user knows a file as. */
    String withNames(String message) {
        return texts.withName(message);
    }

    @Override
    public void close() throws IOException {
        texts.close();
    }
}
