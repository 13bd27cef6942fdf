package org.laco.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.laco.measure.KeptShares;

/** The points of a sweep as rows of text. */
final class SweepTable {
    /** What a sweep knows of the answers beside the accuracy. */
    private static final List<String> CHOICES =
            List.of("accuracyStandardError", "accNorm", "accNormStandardError", "accBytes", "accBytesStandardError");

    private static final List<String> SHARES = List.of("acc", "accAboveChance", "accNorm", "accNormAboveChance");

    private final List<SweepPoint> points;
    private final Set<String> texts = new LinkedHashSet<>();
    private final Set<String> measures = new LinkedHashSet<>();
    private final Set<String> tasks = new LinkedHashSet<>();

    SweepTable(List<SweepPoint> points) {
        this.points = points;
        points.forEach(point -> {
            texts.addAll(point.perplexity().keySet());
            measures.addAll(point.measures().keySet());
            tasks.addAll(point.tasks().keySet());
        });
    }

    /** The heads of the columns that people look at. */
    List<String> heads() {
        List<String> heads = new ArrayList<>(List.of("method", "layers", "removed", "can be written"));
        texts.forEach(text -> heads.addAll(List.of("perplexity " + text, "ratio to original")));
        heads.addAll(List.of(
                "accuracy",
                "accuracy kept",
                "standard error",
                "acc_norm",
                "standard error",
                "tasks' mean acc",
                "kept",
                "kept above chance",
                "tasks' mean acc_norm",
                "kept",
                "kept above chance",
                "top-1 agreement",
                "KL",
                "cosine",
                "search s",
                "training s",
                "measuring s"));
        return heads;
    }

    /** The same columns of one point. */
    List<String> row(SweepPoint point) {
        List<String> row = new ArrayList<>(
                List.of(point.method(), Integer.toString(point.layers()), percent(point.removed()), written(point)));
        KeptScore kept = KeptScore.of(point, points);
        texts.forEach(text -> {
            row.add(number(point.perplexity().get(text), "%.2f"));
            row.add(number(kept.perplexityRatio().get(text), "%.3f"));
        });
        row.add(number(point.accuracy(), "%.4f"));
        row.add(kept.accuracy() == null ? "" : percent(kept.accuracy()));
        row.add(number(point.choices().get("accuracyStandardError"), "%.4f"));
        row.add(number(point.choices().get("accNorm"), "%.4f"));
        row.add(number(point.choices().get("accNormStandardError"), "%.4f"));
        addTasks(row, point, kept, TaskPoint::acc, "acc");
        addTasks(row, point, kept, TaskPoint::accNorm, "accNorm");
        row.add(number(point.topAgreement(), "%.4f"));
        row.add(number(point.divergence(), "%.4f"));
        row.add(number(point.similarity(), "%.6f"));
        row.add(number(point.seconds(), "%.1f"));
        row.add(number(point.trainingSeconds(), "%.1f"));
        row.add(number(point.measuringSeconds(), "%.1f"));
        return row;
    }

    /** Adds the mean of a figure over the tasks, and the mean of the shares that are kept of it. */
    private static void addTasks(
            List<String> row, SweepPoint point, KeptScore kept, Function<TaskPoint, Double> figure, String name) {
        row.add(number(TaskPoint.mean(point.tasks(), figure).orElse(null), "%.4f"));
        for (String share : List.of(name, name + "AboveChance")) {
            row.add(
                    kept.tasks().containsKey(share)
                            ? percent(kept.tasks().get(share).meanOfRatios())
                            : "");
        }
    }

    /** Says plainly of a measuring stick that it is no output. */
    static String written(SweepPoint point) {
        return point.canBeWritten() ? "yes" : "no: needs an added matrix";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String number(Double value, String format) {
        return value == null ? "" : String.format(Locale.ROOT, format, value);
    }

    /** All numbers in full, as RFC 4180 has it. */
    String csv() {
        List<String> heads = new ArrayList<>(List.of("method", "layers", "parameters", "removed", "similarity"));
        texts.forEach(text -> heads.addAll(List.of("perplexity:" + text, "perplexityRatio:" + text)));
        heads.addAll(List.of("accuracy", "accuracyKept"));
        heads.addAll(CHOICES);
        tasks.forEach(task -> heads.addAll(List.of("acc:" + task, "accNorm:" + task)));
        SHARES.forEach(share -> heads.addAll(List.of("meanOfRatios:" + share, "ratioOfMeans:" + share)));
        heads.addAll(List.of(
                "topAgreement",
                "divergence",
                "seconds",
                "writable",
                "addedMatrices",
                "trainedTokens",
                "trainingSeconds",
                "measuringSeconds"));
        heads.addAll(measures);
        StringBuilder csv = new StringBuilder(line(heads));
        for (SweepPoint point : points) {
            List<Object> row = new ArrayList<>(
                    List.of(point.method(), point.layers(), point.parameters(), point.removed(), point.similarity()));
            KeptScore kept = KeptScore.of(point, points);
            texts.forEach(text -> {
                row.add(point.perplexity().get(text));
                row.add(kept.perplexityRatio().get(text));
            });
            row.add(point.accuracy());
            row.add(kept.accuracy());
            CHOICES.forEach(figure -> row.add(point.choices().get(figure)));
            tasks.forEach(task -> {
                TaskPoint answers = point.tasks().get(task);
                row.add(answers == null ? null : answers.acc());
                row.add(answers == null ? null : answers.accNorm());
            });
            SHARES.forEach(share -> {
                KeptShares shares = kept.tasks().get(share);
                row.add(shares == null ? null : shares.meanOfRatios());
                row.add(shares == null ? null : shares.ratioOfMeans());
            });
            row.add(point.topAgreement());
            row.add(point.divergence());
            row.add(point.seconds());
            row.add(point.canBeWritten());
            row.add(point.addedMatrices().size());
            row.add(point.trainedTokens());
            row.add(point.trainingSeconds());
            row.add(point.measuringSeconds());
            measures.forEach(measure -> row.add(point.measures().get(measure)));
            csv.append(line(row));
        }
        return csv.toString();
    }

    private static String line(List<?> cells) {
        return cells.stream().map(SweepTable::cell).collect(Collectors.joining(",")) + "\r\n";
    }

    private static String cell(Object value) {
        String text = value == null ? "" : value.toString();
        return text.matches("[^,\"\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }
}
