package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** Holds the pictures of the site's front page equal to what is drawn of README's table; {@code -Dlaco.pictures.write=true} draws them anew. */
class SitePicturesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path IMAGES = ROOT.resolve("src/site/resources/images");
    private static final Pattern CELL = Pattern.compile("(?:leaves (\\d+): )?\\**([0-9.]+)\\**, ([0-9.]+) %");
    private static final int LAYERS = 12;
    private static final double STANDARD_ERROR = 2.6;

    /** Whose perplexities would leave no room to tell the others apart; the page says so. */
    private static final String FAR_ABOVE = "replaceme";

    private record Result(String method, int layers, double perplexity, double accuracy) {}

    /** The first table of results, whose columns are numbers of layers. */
    private static List<Result> results(Path page) throws IOException {
        List<Result> results = new ArrayList<>();
        List<Integer> layers = new ArrayList<>();
        for (String line : Files.readAllLines(page)) {
            List<String> cells = List.of(line.replaceAll("^\\||\\|$", "").split("\\|"));
            if (line.startsWith("| perplexity, accuracy |")) {
                cells.stream().skip(1).forEach(head -> layers.add(Integer.parseInt(head.replaceAll("\\D", ""))));
            } else if (!layers.isEmpty() && !line.startsWith("|")) {
                return results;
            } else if (!layers.isEmpty()) {
                String method = cells.get(0)
                        .replaceAll("`", "")
                        .replaceAll("[,:].*", "")
                        .strip();
                for (int i = 1; i < cells.size(); i++) {
                    Matcher cell = CELL.matcher(cells.get(i));
                    if (cell.find()) {
                        results.add(new Result(
                                method,
                                cell.group(1) == null ? layers.get(i - 1) : Integer.parseInt(cell.group(1)),
                                Double.parseDouble(cell.group(2)),
                                Double.parseDouble(cell.group(3))));
                    }
                }
            }
        }
        return results;
    }

    private static List<Curve> curves(boolean perplexity) throws IOException {
        Map<String, List<Mark>> methods = new LinkedHashMap<>();
        List<Result> results = results(ROOT.resolve("README.md"));
        Result dense = results.get(0);
        for (Result result : results.subList(1, results.size())) {
            if (perplexity && result.method().equals(FAR_ABOVE)) {
                continue;
            }
            methods.computeIfAbsent(result.method(), method -> new ArrayList<>(List.of(mark(dense, perplexity, 0))))
                    .add(mark(result, perplexity, STANDARD_ERROR));
        }
        List<Curve> curves = new ArrayList<>();
        methods.forEach((method, marks) -> curves.add(new Curve(method, curves.size(), marks)));
        return Collections.unmodifiableList(curves);
    }

    private static Mark mark(Result result, boolean perplexity, double error) {
        return new Mark(
                100.0 * (LAYERS - result.layers()) / LAYERS,
                perplexity ? result.perplexity() : result.accuracy(),
                perplexity ? 0 : error,
                String.format(
                        Locale.ROOT,
                        "%s, %d layers: %s",
                        result.method(),
                        result.layers(),
                        perplexity ? result.perplexity() : result.accuracy() + " %"));
    }

    private static void hold(String name, String drawn) throws IOException {
        Path picture = IMAGES.resolve(name);
        if (Boolean.getBoolean("laco.pictures.write")) {
            Files.writeString(picture, drawn);
        }
        assertThat(picture).hasContent(drawn);
    }

    @Test
    void drawsTheTableOfTheReadme() throws IOException {
        String x = "share of layers removed, %";
        hold(
                "perplexity.svg",
                Plot.of("perplexity", x, "perplexity", curves(true))
                        .logarithmic()
                        .file());
        hold("accuracy.svg", Plot.of("accuracy", x, "%", curves(false)).file());
    }

    @Test
    void hasThatTableOnTheFrontPage() throws IOException {
        assertThat(results(ROOT.resolve("src/site/markdown/index.md")))
                .hasSizeGreaterThan(20)
                .isEqualTo(results(ROOT.resolve("README.md")));
    }

    /** The plan that the demo finds, as its own test holds. */
    @Test
    void drawsWhatTheDemoDoes() throws IOException {
        List<ImmutableList<Integer>> sources = new ArrayList<>();
        for (int layer : new int[] {0, 1, 2, 3}) {
            sources.add(ImmutableList.of(layer));
        }
        sources.add(ImmutableList.of(4, 5, 6));
        sources.add(ImmutableList.of(7));
        sources.add(ImmutableList.of(8));
        sources.add(ImmutableList.of(9, 10, 11));
        List<String> rules = Collections.nCopies(sources.size(), "telescoped");
        LayerMap map =
                new LayerMap(LAYERS, ImmutableList.copyOf(sources), ImmutableSet.of(), ImmutableList.copyOf(rules));
        hold("layers.svg", map.file());
        assertThat(Xml.elements(Xml.parse(map.file()), "title"))
                .extracting(Element::getTextContent)
                .contains("layer 4 of the result: original 4, 5, 6 by telescoped");
    }
}
