package org.laco.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The points of a sweep as rows of text. */
final class SweepTable {
    /** What a sweep knows of the answers beside the accuracy. */
    private static final List<String> CHOICES =
            List.of("accuracyStandardError", "accNorm", "accNormStandardError", "accBytes", "accBytesStandardError");

    private final List<SweepPoint> points;
    private final Set<String> texts = new LinkedHashSet<>();
    private final Set<String> measures = new LinkedHashSet<>();

    SweepTable(List<SweepPoint> points) {
        this.points = points;
        points.forEach(point -> {
            texts.addAll(point.perplexity().keySet());
            measures.addAll(point.measures().keySet());
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
                "top-1 agreement",
                "KL",
                "cosine",
                "seconds"));
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
        row.add(number(point.topAgreement(), "%.4f"));
        row.add(number(point.divergence(), "%.4f"));
        row.add(number(point.similarity(), "%.6f"));
        row.add(number(point.seconds(), "%.1f"));
        return row;
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
        heads.addAll(List.of("topAgreement", "divergence", "seconds", "writable", "addedMatrices"));
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
            row.add(point.topAgreement());
            row.add(point.divergence());
            row.add(point.seconds());
            row.add(point.canBeWritten());
            row.add(point.addedMatrices().size());
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
