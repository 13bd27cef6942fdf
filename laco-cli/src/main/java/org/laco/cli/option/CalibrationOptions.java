package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.stack.Calibration;
import picocli.CommandLine.Option;

/** On which sequences similarity is measured. */
public final class CalibrationOptions {
    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 30,
            description = "Sequences on which similarity is measured: text, one a line, or JSON lines of "
                    + "{\"text\": …} or {\"input_ids\": […]}. Default: ten sentences of laco's own.")
    private Path file;

    /**
     * Returns whether a file was named.
     *
     * @return false for the default
     */
    public boolean isGiven() {
        return file != null;
    }

    /**
     * Reads the sequences.
     *
     * @param checkpoint whose tokenizer is used
     * @return the sequences
     * @throws IOException if the file can't be read or holds none
     */
    public Calibration read(Checkpoint checkpoint) throws IOException {
        return file == null ? CalibrationFile.standard(checkpoint) : CalibrationFile.read(file, checkpoint);
    }
}
