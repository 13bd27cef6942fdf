package org.laco.cli;

import java.io.IOException;
import org.laco.io.CollapseRecord;
import picocli.CommandLine.IVersionProvider;

/** The version that {@code laco.json} records. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"laco " + CollapseRecord.version()};
    }
}
