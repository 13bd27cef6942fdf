package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.PlannedLayer;

/**
 * The {@code README.md} of a result, which says in a page what of {@code laco.json} people want to know: what was merged, how near the
 * original the result is, how to repeat it, and under which licence it stands.
 *
 * <p>The original's card doesn't describe the result any more. It is kept beside, as {@code README.original.md}; licence and languages of
 * its front matter are carried over.
 */
final class ModelCard {
    static final String FILE_NAME = "README.md";
    static final String ORIGINAL = "README.original.md";

    /** What the mean over sequences has behind the measure's name in a record. */
    private static final String MEAN = ".mean";

    private static final ImmutableList<String> CARRIED =
            ImmutableList.of("license", "license_name", "license_link", "language", "library_name", "pipeline_tag");

    /** The original's id on the hub, where its directory tells. */
    private final Optional<String> id;

    private final String family;
    private final CollapsePlan plan;
    private final JsonNode record;

    private ModelCard(Optional<String> id, String family, CollapsePlan plan, JsonNode record) {
        this.id = id;
        this.family = family;
        this.plan = plan;
        this.record = record;
    }

    /**
     * Describes a result. A directory's name isn't in the card, so that it doesn't depend on where the original lies.
     *
     * @param original the original
     * @param plan how the result is made of the original
     * @param record the record that goes beside the card
     */
    static ModelCard of(Checkpoint original, CollapsePlan plan, CollapseRecord record) {
        return new ModelCard(
                original.location().map(HubCache::nameOf).filter(name -> name.contains("/")),
                original.model().family().name(),
                plan,
                record.toJson());
    }

    /** Writes the card into the result's directory, where that of the original has been copied to. */
    void writeTo(Path directory) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        Path kept = directory.resolve(ORIGINAL);
        FrontMatter theirs = Files.exists(file) ? FrontMatter.read(file) : FrontMatter.empty();
        if (Files.exists(kept)) {
            // The card of a result that was collapsed once more: the first original's stays.
            Files.deleteIfExists(file);
        } else if (Files.exists(file)) {
            Files.move(file, kept);
        }
        Files.write(
                file,
                text(theirs, Files.exists(kept)).getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
    }

    private String text(FrontMatter theirs, boolean keptBeside) throws IOException {
        return frontMatter(theirs).encode()
                + "# " + title() + "\n\n"
                + introduction() + "\n"
                + sizes() + "\n"
                + "## What was merged\n\n"
                + layers() + "\n"
                + "## How near the original it is\n\n"
                + measures()
                + training()
                + "## How to repeat it\n\n"
                + repetition() + "\n"
                + "## Licence\n\n"
                + licence(theirs, keptBeside);
    }

    private FrontMatter frontMatter(FrontMatter theirs) {
        FrontMatter ours = FrontMatter.empty();
        for (String key : CARRIED) {
            ours = ours.with(key, theirs.get(key));
        }
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (id.isPresent()) {
            ours = ours.with("base_model", nodes.textNode(id.get()));
        }
        return ours.with(
                "tags", nodes.arrayNode().add("layer-collapse").add("pruning").add("laco"));
    }

    private String title() {
        return id.orElse("A " + family + " model") + " with " + plan.size() + " of " + plan.originalSize() + " layers";
    }

    private String introduction() {
        return "Made of " + id.orElse("the original")
                + " by layer collapse (LaCo, [arXiv 2402.11187](https://arxiv.org/abs/2402.11187)) with laco "
                + record.path("laco").asText() + ".\nIt has the original's structure and loads as the original does.\n";
    }

    private String sizes() {
        StringBuilder table = new StringBuilder("| | original | this model |\n|---|---|---|\n");
        row(table, "layers", "layersBefore", "layersAfter");
        row(table, "parameters", "parametersBefore", "parametersAfter");
        row(table, "bytes of weights", "bytesBefore", "bytesAfter");
        return table.toString();
    }

    private void row(StringBuilder table, String what, String before, String after) {
        if (record.has(before)) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d |\n",
                    what,
                    record.get(before).asLong(),
                    record.get(after).asLong()));
        }
    }

    private String layers() {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            PlannedLayer layer = plan.layers().get(i);
            ImmutableList<Integer> sources = layer.sources();
            Optional<String> rule = plan.rule(i).map(MergeRule::name);
            if (sources.size() > 1 || layer instanceof FittedLayer) {
                rows.add(
                        "| " + i + " | " + sources.stream().map(String::valueOf).collect(Collectors.joining(", "))
                                + " | " + rule.orElse("")
                                + (layer instanceof FittedLayer ? ", weights fitted or trained" : "") + " |\n");
            }
        }
        String dropped = dropped();
        if (rows.isEmpty()) {
            return dropped.isEmpty() ? "Nothing: all layers are the original's.\n" : dropped;
        }
        return "| layer | made of the original's | by |\n|---|---|---|\n"
                + String.join("", rows)
                + "\nAll others are the original's as they are; layers are counted from 0.\n"
                + dropped;
    }

    private String dropped() {
        List<Integer> used = plan.sources().stream().flatMap(List::stream).toList();
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < plan.originalSize(); i++) {
            if (!used.contains(i)) {
                missing.add(String.valueOf(i));
            }
        }
        return missing.isEmpty() ? "" : "Left out: " + String.join(", ", missing) + ".\n";
    }

    private String measures() {
        int sequences = record.path("calibration").path("sequences").size();
        StringBuilder text = new StringBuilder(
                        sequences == 1
                                ? "On one calibration sequence"
                                : "On " + sequences + " calibration sequences, means")
                .append(
                        ", counted so that a higher value is nearer to the original:\n\n| measure | value |\n|---|---|\n");
        text.append(String.format(
                Locale.ROOT,
                "| similarity (cosine) | %.6f |\n",
                record.path("similarity").asDouble()));
        record.path("measures").properties().stream()
                .filter(measure ->
                        measure.getKey().endsWith(MEAN) && !measure.getKey().equals("cosine" + MEAN))
                .forEach(measure -> text.append(String.format(
                        Locale.ROOT,
                        "| %s | %.6f |\n",
                        measure.getKey().substring(0, measure.getKey().length() - MEAN.length()),
                        measure.getValue().asDouble())));
        return text.append("\nThis says little about what the model can do: measure that on a task of your own.\n\n")
                .toString();
    }

    private String training() {
        JsonNode training = record.path("training");
        return training.isMissingNode()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "After that it was trained on %,d tokens; the validation loss went from %.4f to %.4f.\n\n",
                        training.path("tokens").asLong(),
                        training.path("lossBefore").asDouble(),
                        training.path("lossAfter").asDouble());
    }

    private String repetition() {
        JsonNode settings = record.path("settings");
        String search = settings.path("search").asText();
        return "`" + CollapseRecord.FILE_NAME
                + "` beside this file is the record: settings, every decision, and the hashes of all files read"
                + " and written.\n"
                + (search.isEmpty() ? "" : "The search was `" + search + "`.\n")
                + "\n    laco verify THIS --source ORIGINAL              # checks it against the original\n"
                + "    laco apply ORIGINAL OUT --plan THIS/" + CollapseRecord.FILE_NAME + "   # makes it again\n";
    }

    private String licence(FrontMatter theirs, boolean keptBeside) {
        String license = theirs.get("license_name").asText(theirs.get("license").asText(""));
        return (license.isEmpty()
                        ? "The licence of the original is that of this model too; see its files and its card.\n"
                        : "The original's: " + license + ".\n")
                + (keptBeside ? "The original's card is `" + ORIGINAL + "`.\n" : "");
    }
}
