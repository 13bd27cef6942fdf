package org.laco.examples.cli;

import java.nio.file.Path;
import org.laco.io.CheckpointWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The checkpoint that is read, and where the result goes. */
final class SourceAndTarget {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "MODEL", description = "The checkpoint's directory, which stays as it is.")
    private Path source;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT",
            description = "The directory to write, which must not exist. Not needed with --dry-run.")
    private Path target;

    @Option(
            names = "--max-shard-size",
            paramLabel = "SIZE",
            order = 40,
            description = "Start another file when one would grow beyond this, such as 500MB or 2GiB. Default: 5GB.")
    private ByteSize maxShardSize;

    @Option(
            names = "--force",
            order = 41,
            description = "Replace OUT if it holds a checkpoint. It is removed after the new one is complete.")
    private boolean force;

    @Option(
            names = {"-n", "--dry-run"},
            order = 42,
            description = "Search and report, but write nothing.")
    private boolean dryRun;

    Path source() {
        return source;
    }

    boolean dryRun() {
        return dryRun;
    }

    /** Returns the target; there is one unless this is a dry run. */
    Path target() {
        if (target == null && !dryRun) {
            throw new ParameterException(command.commandLine(), "Missing required parameter: 'OUT' (or --dry-run)");
        }
        return target;
    }

    CheckpointWriter writer() {
        CheckpointWriter.Builder builder = CheckpointWriter.builder().overwrite(force);
        if (maxShardSize != null) {
            builder.maxShardBytes(maxShardSize.bytes());
        }
        return builder.build();
    }
}
