package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;
import org.laco.page.Browser;
import org.laco.page.Page;
import org.laco.page.Xml;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The page that {@code collapse --report} writes. */
class CollapsePageTest {
    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;
    private Path out;
    private Path page;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        out = directory.resolve("out");
        page = directory.resolve("a report.html");
    }

    private Run collapse(Object... more) throws IOException {
        return Run.laco(Stream.concat(
                        Stream.of(
                                "collapse",
                                checkpoint.directory(),
                                out,
                                "--calibration",
                                checkpoint.calibration(),
                                "--layers",
                                3,
                                "--interval",
                                1,
                                "--threshold",
                                -1,
                                "--report",
                                page),
                        Stream.of(more))
                .toArray());
    }

    private static List<String> texts(Document document, String element) {
        return Xml.elements(document, element).stream()
                .map(Element::getTextContent)
                .toList();
    }

    @Test
    void tellsWhatTheRecordTells() throws IOException {
        Run run = collapse("--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode record = run.json();
        Document html = Xml.parse(Files.readString(page));

        assertThat(Page.isOne(Files.readString(page))).isTrue();
        assertThat(texts(html, "h1"))
                .containsExactly(
                        "model: 8 layers to " + record.get("layersAfter").asInt());
        List<String> cells = texts(html, "td");
        for (String count : List.of("parametersBefore", "parametersAfter", "bytesBefore", "bytesAfter")) {
            assertThat(cells)
                    .contains(
                            String.format(Locale.ROOT, "%,d", record.get(count).asLong()));
        }
        record.get("measures").elements().forEachRemaining(value -> assertThat(cells)
                .contains(number(value)));
        List<String> steps = new ArrayList<>();
        record.get("steps").forEach(step -> steps.add(number(step.get("similarity"))));
        assertThat(Xml.elements(Xml.elements(html, "details").get(0), "tr").stream()
                        .skip(1)
                        .map(row -> Xml.elements(row, "td").get(3).getTextContent()))
                .containsExactlyElementsOf(steps);
        List<String> tips = texts(html, "title");
        for (int i = 0; i < record.get("perSequence").size(); i++) {
            String value = number(record.get("perSequence").get(i));
            String sequence = "sequence " + (i + 1) + ", ";
            assertThat(tips).anyMatch(tip -> tip.startsWith(sequence) && tip.endsWith(": " + value));
        }
        for (int i = 0; i < record.get("layers").size(); i++) {
            String sources = record.get("layers")
                    .get(i)
                    .toString()
                    .replaceAll("[\\[\\]]", "")
                    .replace(",", ", ");
            String start = "layer " + i + " of the result: original " + sources;
            assertThat(tips).anyMatch(tip -> tip.equals(start) || tip.startsWith(start + " by "));
        }
        assertThat(run.err()).contains("report       " + page);
    }

    @Test
    void hasTheSimilarityBesideAnotherObjective() throws IOException {
        Run run = Run.laco(
                "collapse",
                checkpoint.directory(),
                "--no-write",
                "--target-layers",
                6,
                "--calibration",
                checkpoint.calibration(),
                "--report",
                page,
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<Element> rows = Xml.elements(
                Xml.elements(Xml.parse(Files.readString(page)), "details").get(0), "tr");

        assertThat(Xml.elements(rows.get(0), "th"))
                .extracting(Element::getTextContent)
                .containsExactly("", "layers", "rule", "measure", "value", "similarity", "outcome");
        List<String> objective = new ArrayList<>();
        List<String> similarity = new ArrayList<>();
        run.json().get("steps").forEach(step -> {
            objective.add(number(step.get("value")));
            similarity.add(number(step.get("similarity")));
        });
        assertThat(column(rows, 3)).containsExactlyElementsOf(objective);
        assertThat(column(rows, 4)).containsExactlyElementsOf(similarity);
    }

    private static List<String> column(List<Element> rows, int cell) {
        return rows.stream()
                .skip(1)
                .map(row -> Xml.elements(row, "td").get(cell).getTextContent())
                .toList();
    }

    private static String number(JsonNode value) {
        return String.format(Locale.ROOT, "%.6f", value.asDouble());
    }

    @Test
    void tellsHowToRepeatIt() throws IOException {
        collapse();
        List<String> commands = texts(Xml.parse(Files.readString(page)), "pre");
        assertThat(commands.get(0))
                .startsWith("laco collapse " + checkpoint.directory() + " " + out + " --calibration ")
                .endsWith(" --threshold -1 --report '" + page + "'");
        assertThat(commands.get(1))
                .isEqualTo("laco apply MODEL OUT --plan " + out + "/laco.json\nlaco verify " + out + " --source MODEL");
    }

    @Test
    void isWrittenOfWhatIsNotWrittenToo() throws IOException {
        Run run = Run.laco(
                "collapse",
                checkpoint.directory(),
                "--no-write",
                "--calibration",
                checkpoint.calibration(),
                "--report",
                page);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(texts(Xml.parse(Files.readString(page)), "h2"))
                .containsExactly(
                        "Which layers became which",
                        "Before and after",
                        "Candidates",
                        "Similarity of each sequence",
                        "Settings",
                        "How to repeat it",
                        "Time");
    }

    @Test
    void isWrittenOfAnAppliedPlan() throws IOException {
        Path plan = Files.writeString(
                directory.resolve("plan.json"),
                "{\"originalLayers\": 8, \"layers\": [0, {\"merge\": [1, 2], \"rule\": \"mean\"}, "
                        + "{\"merge\": [3, 4], \"rule\": \"keep-first\"}, 5]}");
        Run run = Run.laco(
                "apply",
                checkpoint.directory(),
                out,
                "--plan",
                plan,
                "--calibration",
                checkpoint.calibration(),
                "--report",
                page);
        assertThat(run.exitCode()).as(run.err()).isZero();
        Document html = Xml.parse(Files.readString(page));
        assertThat(texts(html, "title"))
                .contains(
                        "layer 1 of the result: original 1, 2 by mean",
                        "original layer 4, left out",
                        "original layer 6, left out",
                        "original layer 3");
        assertThat(texts(html, "h2")).doesNotContain("Candidates");
    }

    @Test
    void replacesNoFileUnasked() throws IOException {
        Files.writeString(page, "mine");
        Run run = collapse();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("laco: " + page
                        + " exists already and is not overwritten unless that is asked for, by --force\n");
        assertThat(out).doesNotExist();
        assertThat(page).hasContent("mine");
    }

    @Test
    void replacesItsOwnPagesAndNothingElseWhenAsked() throws IOException {
        Files.writeString(page, "mine");
        Run refused = collapse("--force");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo("laco: " + page
                        + " is not a page that laco wrote, and is not replaced by one: choose another name\n");
        assertThat(out).doesNotExist();

        Files.delete(page);
        assertThat(collapse().exitCode()).isZero();
        String first = Files.readString(page);
        Run again = collapse("--force", "--low", 2);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(Files.readString(page)).isNotEqualTo(first).endsWith("</html>\n");
    }

    @Test
    void belongsInNoCheckpoint() throws IOException {
        for (Path inside : List.of(checkpoint.directory(), out)) {
            page = inside.resolve("report.html");
            Run run = collapse();
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains(inside.equals(out) ? "is not a directory" : "which holds a checkpoint and nothing else");
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void isNotToldOfADryRun() throws IOException {
        Run run = collapse("--dry-run");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: --report tells of a collapse, which --dry-run leaves out");
    }

    @Test
    void worksInABrowserWithoutANetwork() throws IOException, InterruptedException {
        collapse();
        String dom = Browser.orSkip(directory)
                .open(page, "document.querySelector('svg.map g').dispatchEvent(new PointerEvent('pointermove', {}))");
        assertThat(dom)
                .contains("data-asked=\"0\"", ">layer 0 of the result: original 0</div>")
                .doesNotContain("data-errors=\"");
    }
}
