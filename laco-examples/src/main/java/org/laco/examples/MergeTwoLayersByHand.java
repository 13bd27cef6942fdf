package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.merge.MergeRules;

/** Merges one layer with the next, and tells how much that changes the model's output. */
public final class MergeTwoLayersByHand {
    private MergeTwoLayersByHand() {}

    /**
     * Merges two neighbouring layers into their mean.
     *
     * @param model the checkpoint's directory
     * @param layer the lower of the two, from 0
     * @return the similarity to the original, on sentences that come with the library
     * @throws IOException if a file can't be read
     */
    public static double merge(Path model, int layer) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            CollapseResult merged = LayerCollapse.builder()
                    .rule(MergeRules.mean())
                    .calibration(CalibrationFile.standard(checkpoint))
                    .build()
                    .merge(checkpoint.model(), layer, 1);
            return merged.similarity();
        }
    }

    /**
     * Runs the example.
     *
     * @param args the checkpoint and the lower layer's number
     * @throws IOException if a file can't be read
     */
    public static void main(String[] args) throws IOException {
        System.out.println(merge(Path.of(args[0]), Integer.parseInt(args[1])));
    }
}
