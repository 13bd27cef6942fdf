package org.laco.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.page.Browser;
import org.laco.page.Xml;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class SweepPageTest {
    private static final Map<String, String> SETTINGS =
            Map.of("model", "tiny & small (sha256 0123)", "calibration", "lines.txt", "tasks", "");

    @TempDir
    private Path directory;

    private final List<SweepPoint> points = List.of(
            point("original", 4, 0, 8.0123456, 0.70625, List.of(List.of(0), List.of(1), List.of(2), List.of(3))),
            point("last", 3, 0.25, 9.5, 0.65, List.of(List.of(0), List.of(1), List.of(2, 3))),
            point("runs", 3, 0.25, 8.75, 0.675, List.of(List.of(0), List.of(1, 2), List.of(3))),
            point("last", 2, 0.5, 1234.5, 0.5, List.of(List.of(0), List.of(1, 2, 3))),
            point("laco", 2, 0.5, 12.25, 0.5, List.of(List.of(0), List.of(1, 2, 3))),
            point("laco", 2, 0.5, 12.25, 0.5, List.of(List.of(0), List.of(1, 2, 3))));
    private String html;
    private Document page;

    private static SweepPoint point(
            String method,
            int layers,
            double removed,
            double perplexity,
            double accuracy,
            List<List<Integer>> sources) {
        return new SweepPoint(
                method,
                layers,
                100,
                removed,
                1 - removed / 10,
                Map.of("news", perplexity),
                accuracy,
                Map.of("accuracyStandardError", 0.026),
                Map.of(),
                removed == 0 ? null : 0.9,
                removed == 0 ? null : removed / 7,
                Map.of(),
                1.25,
                2.5,
                4.25,
                sources,
                List.of(),
                Map.of("Once <", "upon\u0007 a time"),
                List.of(),
                0);
    }

    @BeforeEach
    void write() throws IOException {
        SweepReport.write(directory, SETTINGS, points);
        html = Files.readString(directory.resolve("sweep.html"));
        page = Xml.parse(html);
    }

    private List<Map<String, String>> csv() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("sweep.csv"));
        List<String> heads = List.of(lines.get(0).split(","));
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Map<String, String> row = new LinkedHashMap<>();
            String[] cells = line.split(",", -1);
            for (int i = 0; i < cells.length; i++) {
                row.put(heads.get(i), cells[i]);
            }
            rows.add(row);
        }
        return rows;
    }

    /** The comparison of a quantity: by method and size the number in full. */
    private Map<String, String> comparison(String quantity) {
        Element section = Xml.elements(page, "section").stream()
                .filter(each -> Xml.elements(each, "h2").get(0).getTextContent().equals(quantity))
                .findFirst()
                .orElseThrow();
        List<String> sizes = Xml.elements(Xml.elements(section, "thead").get(0), "th").stream()
                .map(Element::getTextContent)
                .toList();
        Map<String, String> values = new LinkedHashMap<>();
        for (Element row : Xml.elements(Xml.elements(section, "tbody").get(0), "tr")) {
            List<Element> cells = Xml.elements(row, "td");
            String method = Xml.elements(row, "th").get(0).getTextContent();
            for (int i = 0; i < cells.size(); i++) {
                for (Element number : Xml.elements(cells.get(i), "data")) {
                    values.put(method + ", " + sizes.get(i + 1), number.getAttribute("value"));
                }
            }
        }
        return values;
    }

    @Test
    void hasTheNumbersOfItsCsv() throws IOException {
        Map<String, String> perplexity = new LinkedHashMap<>();
        Map<String, String> accuracy = new LinkedHashMap<>();
        for (Map<String, String> row : csv()) {
            String place = row.get("method") + ", " + row.get("layers") + " layers";
            perplexity.put(place, row.get("perplexity:news"));
            accuracy.put(place, row.get("accuracy"));
        }
        assertThat(comparison("Perplexity on news")).containsExactlyInAnyOrderEntriesOf(perplexity);
        assertThat(comparison("Accuracy")).containsExactlyInAnyOrderEntriesOf(accuracy);
    }

    @Test
    void hasTimesThatAddUp() {
        List<String> seconds = Xml.elements(page, "tr").stream()
                .filter(row -> Xml.elements(row, "th").get(0).getTextContent().equals("together"))
                .flatMap(row -> Xml.elements(row, "span").stream())
                .map(Element::getTextContent)
                .toList();
        assertThat(seconds).containsExactly("7.5", "15.0", "25.5", "48.0");
        assertThat(SweepReport.times(points))
                .isEqualTo("7.5 s of searching, 15.0 s of training and 25.5 s of measuring");
    }

    @Test
    void saysWhatWasComparedAndLinksToTheNumbers() {
        List<String> facts = Xml.elements(page, "table").stream()
                .filter(table -> table.getAttribute("class").equals("facts"))
                .flatMap(table -> Xml.elements(table, "td").stream())
                .map(Element::getTextContent)
                .toList();
        assertThat(facts)
                .startsWith("last, runs, laco", "4, 3, 2 layers")
                .contains("tiny & small (sha256 0123)", "lines.txt");
        assertThat(Xml.elements(page, "h1").get(0).getTextContent()).isEqualTo("Sweep of tiny & small");
        assertThat(Xml.elements(page, "a"))
                .extracting(link -> link.getAttribute("href"))
                .containsExactly("sweep.csv", "sweep.json");
    }

    @Test
    void marksWhatNothingIsBetterThanByMoreThanAStandardError() {
        List<String> best = Xml.elements(page, "data").stream()
                .filter(number -> number.getAttribute("class").equals("best"))
                .map(number -> number.getAttribute("value"))
                .toList();
        assertThat(best)
                .as("perplexity has none, and 0.65 is within one of 0.675")
                .contains("8.75", "12.25", "0.65", "0.675", "0.5")
                .doesNotContain("9.5", "1234.5", "0.70625");
    }

    @Test
    void showsAModelOnceThatAScheduleGaveForTwoSizes() {
        assertThat(Xml.elements(page, "p").stream()
                        .filter(each -> each.getAttribute("class").equals("layers"))
                        .filter(each -> each.getTextContent().startsWith("laco, 2")))
                .hasSize(1);
        assertThat(html).contains("upon\uFFFD a time");
    }

    @Test
    void drawsBarsForStandardErrorsOnly() {
        Map<String, Long> bars = new LinkedHashMap<>();
        for (Element section : Xml.elements(page, "section").subList(0, 4)) {
            bars.put(
                    Xml.elements(section, "h2").get(0).getTextContent(),
                    Xml.elements(section, "path").stream()
                            .filter(path -> path.getAttribute("class").equals("error"))
                            .count());
        }
        assertThat(bars)
                .containsEntry("Accuracy", 4L)
                .containsEntry("Perplexity on news", 0L)
                .containsEntry("Similarity (cosine)", 0L);
    }

    @Test
    void worksInABrowserWithoutANetwork() throws IOException, InterruptedException {
        String dom = Browser.orSkip(directory)
                .open(
                        directory.resolve("sweep.html"),
                        "document.querySelectorAll('button[data-toggle]')[1].click();"
                                + "document.querySelector('g[data-curve=laco] path.dot').dispatchEvent("
                                + "new PointerEvent('pointermove', {clientX: 50, clientY: 60}))");
        assertThat(dom).contains("data-asked=\"0\"").doesNotContain("data-errors=\"");
        assertThat(dom)
                .as("runs was pressed away in every plot")
                .containsPattern("class=\"curve c1 off\" data-curve=\"runs\"")
                .containsPattern("data-toggle=\"runs\" aria-pressed=\"false\"")
                .containsPattern("class=\"curve c0\" data-curve=\"last\"");
        assertThat(dom)
                .as("what is pointed at is said")
                .containsPattern("<div id=\"tip\"[^>]*display: block[^>]*>(original|laco), \\d layers, ");
    }

    @Test
    void isDarkWhereTheReaderWantsThat() throws IOException, InterruptedException {
        String paper = "document.documentElement.setAttribute('data-paper',"
                + " getComputedStyle(document.documentElement).backgroundColor)";
        Browser browser = Browser.orSkip(directory);
        assertThat(browser.open(directory.resolve("sweep.html"), paper, "--blink-settings=preferredColorScheme=1"))
                .contains("data-paper=\"rgb(255, 255, 255)\"");
        assertThat(browser.open(directory.resolve("sweep.html"), paper, "--blink-settings=preferredColorScheme=0"))
                .contains("data-paper=\"rgb(20, 24, 29)\"");
    }
}
