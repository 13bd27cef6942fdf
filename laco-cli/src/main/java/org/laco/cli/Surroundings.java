package org.laco.cli;

import java.io.IOException;
import org.laco.cli.option.HealPrefix;
import org.laco.cli.option.ModelConverter;
import org.laco.io.HubCache;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** What a command line sees of the machine besides the files that it names: gives those parts to the converters that need them. */
final class Surroundings implements IFactory {
    private final IFactory others = CommandLine.defaultFactory();
    private final ModelConverter models;

    Surroundings(HubCache cache) {
        this.models = new ModelConverter(cache);
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == ModelConverter.class) {
            return type.cast(models);
        }
        return type == HealPrefix.class ? type.cast(new HealPrefix(this)) : others.create(type);
    }

    /** Fetches what arguments stand for, before the command runs. */
    void prepare() throws IOException {
        models.requireFound();
    }
}
