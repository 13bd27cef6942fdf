package org.laco.page;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A page in one file, for light and dark surroundings, that asks the network for nothing.
 *
 * @param title the page's title
 * @param body what is on it, from the top
 */
public record Page(String title, ImmutableList<Markup> body) {
    /** What says in a file that laco wrote it. */
    private static final String GENERATOR = "laco";

    /**
     * Makes a page.
     *
     * @param title the page's title
     * @param body what is on it, from the top
     */
    public Page(String title, List<Markup> body) {
        this(title, ImmutableList.copyOf(body));
    }

    /**
     * Returns the page's source.
     *
     * @return HTML that is XML too
     */
    public String html() {
        Markup head = Tag.of("head")
                .holding(
                        meta("charset", "utf-8").holding(),
                        meta("name", "generator").with("content", GENERATOR).holding(),
                        meta("name", "viewport")
                                .with("content", "width=device-width, initial-scale=1")
                                .holding(),
                        meta("name", "color-scheme")
                                .with("content", "light dark")
                                .holding(),
                        Tag.of("title").text(title),
                        Tag.of("style").holding(Markup.verbatim(Look.style())));
        Markup content = Tag.of("body")
                .holding(
                        Tag.of("main").holding(body),
                        Tag.of("div").with("id", "tip").with("role", "status").holding(),
                        Tag.of("script").holding(Markup.verbatim(Look.script())));
        return "<!DOCTYPE html>\n" + Tag.of("html").with("lang", "en").holding(head, Markup.text("\n"), content) + "\n";
    }

    private static Tag meta(String attribute, String value) {
        return Tag.of("meta").with(attribute, value);
    }

    /**
     * Returns whether a file is a page of laco's.
     *
     * @param start the file's beginning, some hundred characters
     * @return whether it says so
     */
    public static boolean isOne(String start) {
        return start.startsWith("<!DOCTYPE html>")
                && start.contains("<meta name=\"generator\" content=\"" + GENERATOR + "\"/>");
    }

    /**
     * Makes a table, in which a wide one can be moved.
     *
     * @param heads the heads of the columns
     * @param rows the cells of each row
     * @return the table
     */
    public static Markup table(List<Markup> heads, List<List<Markup>> rows) {
        return Tag.of("div")
                .with("class", "wide")
                .holding(Tag.of("table")
                        .holding(
                                Tag.of("thead").holding(row("th", heads)),
                                Tag.of("tbody")
                                        .holding(rows.stream()
                                                .map(cells -> row("td", cells))
                                                .collect(toImmutableList()))));
    }

    /**
     * Makes a table of facts.
     *
     * @param facts what is said of each thing
     * @return the table, a row a thing
     */
    public static Markup facts(Map<String, String> facts) {
        return Tag.of("table")
                .with("class", "facts")
                .holding(Tag.of("tbody")
                        .holding(facts.entrySet().stream()
                                .map(fact ->
                                        row("td", List.of(Markup.text(fact.getKey()), Markup.text(fact.getValue()))))
                                .toList()));
    }

    private static Markup row(String tag, List<Markup> cells) {
        return Markup.of(
                Tag.of("tr")
                        .holding(IntStream.range(0, cells.size())
                                .mapToObj(i -> cell(tag, i).holding(cells.get(i)))
                                .toList()),
                Markup.text("\n"));
    }

    /** The first cell of a row is its head. */
    private static Tag cell(String tag, int column) {
        return tag.equals("th")
                ? Tag.of("th").with("scope", "col")
                : column == 0 ? Tag.of("th").with("scope", "row") : Tag.of("td");
    }
}
