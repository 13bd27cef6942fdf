package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.laco.cli.progress.Progress;
import org.laco.cli.progress.StageProgress;
import org.laco.io.CheckpointWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The checkpoint that is read, and where the result goes. */
public final class SourceAndTarget {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id, which stays as it is.")
    private Path source;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT",
            description = "The directory to write, which must not exist. Not needed with --no-write.")
    private Path target;

    @Mixin
    private ShardOptions shards;

    @Option(
            names = "--no-checksums",
            order = 41,
            description = "Record no SHA-256 of the files read and written, and write as fast as the disk.")
    private boolean noChecksums;

    @Option(
            names = "--no-model-card",
            order = 41,
            description = "Copy the original's README.md instead of writing one that says what was merged.")
    private boolean noModelCard;

    @Option(
            names = "--force",
            order = 42,
            description = "Replace OUT if it holds a checkpoint. It is removed after the new one is complete.")
    private boolean force;

    @Option(names = "--no-write", order = 43, description = "Do everything and report, but write nothing.")
    private boolean noWrite;

    /**
     * Returns what is read.
     *
     * @return the checkpoint's directory
     */
    public Path source() {
        return source;
    }

    /**
     * Returns whether nothing is to be written.
     *
     * @return whether there need be no target
     */
    public boolean noWrite() {
        return noWrite;
    }

    /**
     * Returns whether what is there may be replaced.
     *
     * @return whether that was asked for
     */
    public boolean force() {
        return force;
    }

    /**
     * Returns whether there is a target.
     *
     * @return whether one was named
     */
    public boolean hasTarget() {
        return target != null;
    }

    /**
     * Returns the target.
     *
     * @return the directory to write, null only if nothing is written
     * @throws ParameterException if it is missing
     */
    public Path target() {
        if (target == null && !noWrite) {
            throw new ParameterException(command.commandLine(), "Missing required parameter: 'OUT' (or --no-write)");
        }
        return target;
    }

    /**
     * Refuses a target that exists, unless it is to be replaced.
     *
     * @throws IOException if it exists; the message names the option with which it is replaced
     */
    public void requireNewOrForced() throws IOException {
        if (!noWrite) {
            requireNewOrForced(target());
        }
    }

    /**
     * Refuses a place for a result that exists, unless it is to be replaced.
     *
     * @param place the place
     * @throws IOException if it exists; the message names the option with which it is replaced
     */
    public void requireNewOrForced(Path place) throws IOException {
        if (!force && Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(
                    place + " exists already and is not overwritten unless that is asked for, by --force");
        }
    }

    /**
     * Returns whether files are hashed for the record.
     *
     * @return true unless that was declined
     */
    public boolean checksums() {
        return !noChecksums;
    }

    /**
     * Makes the writer that these options describe.
     *
     * @param progress shows how far it is
     * @return the writer
     */
    public CheckpointWriter writer(Progress progress) {
        return CheckpointWriter.builder()
                .checksums(!noChecksums)
                .overwrite(force)
                .modelCard(!noModelCard)
                .maxShardBytes(shards.maxBytes())
                .listener(new StageProgress(progress, String.valueOf(target)))
                .build();
    }
}
