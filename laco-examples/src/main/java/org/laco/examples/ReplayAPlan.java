package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.PlanJson;
import org.laco.io.WrittenCheckpoint;
import org.laco.plan.CollapsePlan;

/** Applies a plan that was found before, as to the same model in another type. */
public final class ReplayAPlan {
    private ReplayAPlan() {}

    /**
     * Applies the plan of a collapsed checkpoint.
     *
     * @param model the original's directory
     * @param record the {@code laco.json} of a collapsed checkpoint
     * @param out the directory to write
     * @return what was written
     * @throws IOException if a file can't be read or written
     */
    public static WrittenCheckpoint replay(Path model, Path record, Path out) throws IOException {
        CollapsePlan plan = new PlanJson().read(record);
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            CollapseResult result = LayerCollapse.builder()
                    .calibration(CalibrationFile.standard(checkpoint))
                    .build()
                    .replay(checkpoint.model(), plan);
            return CheckpointWriter.builder().build().write(checkpoint, result, out);
        }
    }

    /**
     * Runs the example.
     *
     * @param args the original, the record and the directory to write
     * @throws IOException if a file can't be read or written
     */
    public static void main(String[] args) throws IOException {
        System.out.println(
                replay(Path.of(args[0]), Path.of(args[1]), Path.of(args[2])).directory());
    }
}
