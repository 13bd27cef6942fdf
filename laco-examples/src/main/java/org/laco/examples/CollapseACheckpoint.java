package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.plan.CollapsePlan;

/** Makes a checkpoint shallower and writes the result beside it. */
public final class CollapseACheckpoint {
    private CollapseACheckpoint() {}

    /**
     * Collapses a model of 12 layers.
     *
     * @param model the checkpoint's directory
     * @param sentences a text file of calibration sentences, one a line
     * @param out the directory to write
     * @return the plan that the search found
     * @throws IOException if a file can't be read or written
     */
    public static CollapsePlan collapse(Path model, Path sentences, Path out) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            CollapseResult result = LayerCollapse.builder()
                    .range(1, 12)
                    .layersPerMerge(3)
                    .interval(1)
                    .threshold(0.9)
                    .calibration(CalibrationFile.read(sentences, checkpoint))
                    .build()
                    .apply(checkpoint.model());
            CheckpointWriter.builder().build().write(checkpoint, result, out);
            return result.plan();
        }
    }

    /**
     * Runs the example.
     *
     * @param args the checkpoint, the sentences and the directory to write
     * @throws IOException if a file can't be read or written
     */
    public static void main(String[] args) throws IOException {
        System.out.println(collapse(Path.of(args[0]), Path.of(args[1]), Path.of(args[2])));
    }
}
