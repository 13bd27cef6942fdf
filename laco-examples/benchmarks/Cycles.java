import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.HfCheckpoint;

/** Opens, collapses, writes and closes a checkpoint again and again, and prints the anonymous memory of the process: what memory.sh runs. */
public final class Cycles {
    private Cycles() {}

    /** Takes the checkpoint, a directory that may be written to, and the number of cycles. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path out = Path.of(args[1], "out");
        for (int cycle = 1; cycle <= Integer.parseInt(args[2]); cycle++) {
            cycle(Path.of(args[0]), out);
            if (cycle == 10 || cycle % 50 == 0) {
                System.gc();
                Thread.sleep(200);
                System.out.printf("%6d %10d kB%n", cycle, anonymousMemory());
            }
        }
    }

    private static void cycle(Path model, Path out) throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(model)) {
            CollapseResult result = LayerCollapse.builder()
                    .layersPerMerge(3)
                    .interval(1)
                    .threshold(0.7)
                    .calibration(CalibrationFile.standard(checkpoint))
                    .build()
                    .apply(checkpoint.model());
            CheckpointWriter.builder().build().write(checkpoint, result, out);
        }
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static long anonymousMemory() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        return status.stream()
                .filter(line -> line.startsWith("RssAnon"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
