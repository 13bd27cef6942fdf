import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.Cluster;
import org.laco.io.DividedText;
import org.laco.search.Searches;
import org.laco.spark.SparkClusterProvider;

/**
 * Times a search for runs with a fit, twice in one process: the first includes what executors do once, such as opening the model. Prints
 * both times in seconds, and the hash of the weights and of the record that came of the second.
 *
 * <pre>ClusterTiming MODEL TEXT LAYERS TOKENS CALIBRATION-TOKENS OUT [MASTER]</pre>
 */
final class ClusterTiming {
    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[5]);
        try (Checkpoint checkpoint = Checkpoints.open(Path.of(args[0]));
                Cluster cluster = args.length < 7
                        ? null
                        : new SparkClusterProvider()
                                .connect(
                                        args[6],
                                        Map.of(
                                                "spark.executor.memory", "1g",
                                                "spark.driver.host", "127.0.0.1",
                                                "spark.ui.enabled", "false"))) {
            DividedText text = DividedText.read(
                    Path.of(args[1]), checkpoint, 128, Long.parseLong(args[4]), Long.parseLong(args[3]));
            double[] seconds = new double[2];
            CollapseResult result = null;
            for (int run = 0; run < 2; run++) {
                LayerCollapse.Builder search = LayerCollapse.builder()
                        .search(Searches.named("runs"))
                        .targetLayers(Integer.parseInt(args[2]))
                        .calibration(text.compared())
                        .fit(Fit.ridge().calibration(text.fitted()).tokensPerInput(1));
                Optional.ofNullable(cluster).ifPresent(machines -> search.evaluator(machines.evaluator(checkpoint)));
                long began = System.nanoTime();
                result = search.build().apply(checkpoint.model());
                seconds[run] = (System.nanoTime() - began) / 1e9;
            }
            CheckpointWriter.builder().build().write(checkpoint, result, out);
            System.out.printf(
                    "first %.1f s, second %.1f s, weights %s, record %s%n",
                    seconds[0], seconds[1], hash(out.resolve("model.safetensors")), hash(out.resolve("laco.json")));
        }
    }

    private static String hash(Path file) throws Exception {
        return Files.exists(file)
                ? MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString().substring(0, 12)
                : "none";
    }
}
