package org.laco.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.laco.LayerCollapse;
import org.laco.examples.EmbeddedModel;
import org.laco.merge.MergeRules;
import org.laco.stack.Calibration;

/**
 * A search by the paper's schedule that accepts several candidates and refuses several.
 *
 * @param checkpoint the name of a fixture, or {@link #EMBEDDED} for the embedded model
 * @param rule the merge rule's name
 * @param layers C
 * @param interval I
 * @param threshold T
 */
record SearchCase(String checkpoint, String rule, int layers, int interval, double threshold) {
    private static final String EMBEDDED = "embedded";

    /** The embedded model, one with biases and weights stored input first, one with two kinds of layers, and one with experts. */
    static List<SearchCase> all() {
        return List.of(
                new SearchCase(EMBEDDED, "rdsc", 3, 1, 0.67),
                new SearchCase(EMBEDDED, "mean", 2, 1, 0.75),
                new SearchCase("gpt2", "telescoped", 3, 1, 0.507),
                new SearchCase("qwen2", "mean", 3, 2, 0.651),
                new SearchCase("mixtral", "telescoped", 3, 1, 0.167));
    }

    /** Where the checkpoint is. */
    Path model(Path directory) throws IOException {
        return isEmbedded()
                ? extracted(directory).model()
                : Fixture.named(checkpoint).model();
    }

    /** Where the sequences are. */
    Path calibration(Path directory) throws IOException {
        return isEmbedded()
                ? extracted(directory).calibration()
                : Fixture.named(checkpoint).writeCalibration(directory.resolve("calibration.jsonl"));
    }

    private boolean isEmbedded() {
        return checkpoint.equals(EMBEDDED);
    }

    private static EmbeddedModel extracted(Path directory) throws IOException {
        EmbeddedModel embedded = new EmbeddedModel(directory);
        return embedded.model().toFile().exists() ? embedded : EmbeddedModel.extractTo(directory);
    }

    LayerCollapse.Builder builder(Calibration sequences) {
        return LayerCollapse.builder()
                .layersPerMerge(layers)
                .interval(interval)
                .threshold(threshold)
                .rule(MergeRules.named(rule))
                .calibration(sequences);
    }

    /** The same settings for the command line. */
    List<Object> arguments() {
        return List.of("--layers", layers, "--interval", interval, "--threshold", threshold, "--rule", rule);
    }
}
