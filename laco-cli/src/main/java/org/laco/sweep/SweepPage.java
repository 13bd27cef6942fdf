package org.laco.sweep;

import com.google.common.html.HtmlEscapers;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One page with everything in it: settings, plots, table, layer maps and samples. */
final class SweepPage {
    private static final String STYLE = "body{font:15px/1.4 sans-serif;margin:2em auto;max-width:75em;padding:0 1em}"
            + "table{border-collapse:collapse}td,th{padding:.2em .6em;border-bottom:1px solid #ddd;text-align:right}"
            + "td:first-child,th:first-child{text-align:left}img{max-width:100%}"
            + ".map span{display:inline-block;padding:0 .3em;margin:1px;background:#e4e4e4}"
            + ".map .merged{background:#f5c77e}.map .refit{background:#8fc7f0}.map .matrix{background:#e58a8a}"
            + "tr.stick{color:#777;font-style:italic}";

    private final List<SweepPoint> points;
    private final Map<String, String> settings;
    private final Map<String, byte[]> plots;

    SweepPage(List<SweepPoint> points, Map<String, String> settings, Map<String, byte[]> plots) {
        this.points = points;
        this.settings = settings;
        this.plots = plots;
    }

    String html() {
        StringBuilder page = new StringBuilder(
                        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append("laco sweep</title><style>")
                .append(STYLE)
                .append("</style></head><body>\n<h1>Sweep</h1>\n");
        settings.forEach((name, value) ->
                page.append("<p>").append(escape(name + ": " + value)).append("</p>\n"));
        table(page);
        plots.forEach((name, png) -> page.append("<p><img alt=\"")
                .append(escape(name))
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\"></p>\n"));
        page.append(
                "<h2>Layers</h2>\n<p>Numbers are the original's layers; merged ones orange, refit ones blue, added matrices red.</p>\n");
        points.forEach(point -> map(page, point));
        samples(page);
        return page.append("</body></html>\n").toString();
    }

    private void table(StringBuilder page) {
        SweepTable table = new SweepTable(points);
        page.append("<table>\n").append(row("th", "", table.heads()));
        points.forEach(
                point -> page.append(row("td", point.canBeWritten() ? "" : " class=\"stick\"", table.row(point))));
        page.append(
                        "</table>\n<p>Accuracy kept is the share of the original's accuracy; a ratio of 1 means that no perplexity was lost. ")
                .append("Seconds are what a search took beyond what a smaller size of it had measured before.</p>\n");
        if (!points.stream().allMatch(SweepPoint::canBeWritten)) {
            page.append(
                    "<p>What can't be written is a measuring stick: a matrix added on the residual stream maps the hidden states "
                            + "before a gap to those after it. No checkpoint of this model's structure holds one.</p>\n");
        }
    }

    private static String row(String tag, String attributes, List<String> cells) {
        return cells.stream()
                .map(cell -> "<" + tag + ">" + escape(cell) + "</" + tag + ">")
                .collect(Collectors.joining("", "<tr" + attributes + ">", "</tr>\n"));
    }

    private static void map(StringBuilder page, SweepPoint point) {
        page.append("<p class=\"map\">").append(escape(title(point))).append("<br>");
        for (int layer = 0; layer < point.layers(); layer++) {
            List<Integer> sources = point.sources().get(layer);
            String kind = point.refit().contains(layer) ? "refit" : sources.size() > 1 ? "merged" : "kept";
            page.append("<span class=\"")
                    .append(kind)
                    .append("\">")
                    .append(sources.stream().map(String::valueOf).collect(Collectors.joining("+")))
                    .append("</span>");
            if (point.addedMatrices().contains(layer)) {
                page.append("<span class=\"matrix\">matrix</span>");
            }
        }
        page.append("</p>\n");
    }

    private void samples(StringBuilder page) {
        points.stream()
                .flatMap(point -> point.samples().keySet().stream())
                .distinct()
                .forEach(prompt -> {
                    page.append("<h2>").append(escape(prompt)).append("</h2>\n<table>\n");
                    points.forEach(point -> page.append(
                            row("td", "", List.of(title(point), point.samples().getOrDefault(prompt, "")))));
                    page.append("</table>\n");
                });
    }

    private static String title(SweepPoint point) {
        return point.method() + ", " + point.layers() + " layers"
                + (point.canBeWritten() ? "" : ", not writable: needs an added matrix");
    }

    private static String escape(String text) {
        return HtmlEscapers.htmlEscaper().escape(text);
    }
}
