package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.plan.CollapsePlan;
import org.laco.spark.SparkEvaluator;

/** Searches for layers to leave out with the candidates scored on Apache Spark, and writes what one machine would write. */
public final class CollapseOnSpark {
    private CollapseOnSpark() {}

    /**
     * Collapses a model.
     *
     * @param spark the context, which stays open
     * @param model the checkpoint's directory, which executors see too
     * @param sentences a text file of calibration sentences, one a line
     * @param layers how many layers are left
     * @param out the directory to write
     * @return the plan that the search found
     * @throws IOException if a file can't be read or written
     */
    public static CollapsePlan collapse(SparkContext spark, Path model, Path sentences, int layers, Path out)
            throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            CollapseResult result = LayerCollapse.builder()
                    .targetLayers(layers)
                    .calibration(CalibrationFile.read(sentences, checkpoint))
                    .evaluator(SparkEvaluator.on(spark, checkpoint))
                    .build()
                    .apply(checkpoint.model());
            CheckpointWriter.builder().build().write(checkpoint, result, out);
            return result.plan();
        }
    }

    /**
     * Runs the example on the cores of this machine, or where {@code spark-submit} says.
     *
     * @param args the checkpoint, the sentences, the number of layers and the directory to write
     * @throws IOException if a file can't be read or written
     */
    public static void main(String[] args) throws IOException {
        SparkConf conf =
                new SparkConf().setIfMissing("spark.master", "local[*]").setAppName("laco");
        SparkContext spark = new SparkContext(conf);
        try {
            System.out.println(
                    collapse(spark, Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]), Path.of(args[3])));
        } finally {
            spark.stop();
        }
    }
}
