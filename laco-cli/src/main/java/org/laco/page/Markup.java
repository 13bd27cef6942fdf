package org.laco.page;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.html.HtmlEscapers;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A piece of a page that is well-formed, as HTML and as XML: every element is closed, and what isn't markup is escaped.
 *
 * <pre>{@code
 * Tag.of("p").holding(Markup.text("1 < 2")).toString();    // <p>1 &lt; 2</p>
 * }</pre>
 */
public final class Markup {
    private final String source;

    private Markup(String source) {
        this.source = source;
    }

    /**
     * Makes text into markup.
     *
     * @param text any text; control characters, which neither HTML nor XML can hold, become the sign for what can't be shown
     * @return the text, escaped
     */
    public static Markup text(String text) {
        return new Markup(escape(text));
    }

    /**
     * Puts pieces one behind the other.
     *
     * @param pieces the pieces
     * @return all of them
     */
    public static Markup of(Iterable<Markup> pieces) {
        return new Markup(StreamSupport.stream(pieces.spliterator(), false)
                .map(Markup::toString)
                .collect(Collectors.joining()));
    }

    /**
     * Puts pieces one behind the other.
     *
     * @param pieces the pieces
     * @return all of them
     */
    public static Markup of(Markup... pieces) {
        return of(Arrays.asList(pieces));
    }

    /** Takes a style sheet or a script, which HTML reads as it is and XML doesn't: without the signs that make the difference. */
    static Markup verbatim(String content) {
        checkArgument(
                content.indexOf('<') < 0 && content.indexOf('&') < 0,
                "a style sheet or script within a page has neither < nor &");
        return new Markup(content);
    }

    static Markup element(String start, Markup content, String end) {
        return new Markup(start + content + end);
    }

    static String escape(String text) {
        return HtmlEscapers.htmlEscaper()
                .escape(text.replaceAll("[\\p{Cntrl}\\uFFFE\\uFFFF&&[^\\t\\n\\r]]|\\p{Cs}", "\uFFFD"));
    }

    /**
     * Returns whether there is nothing in it.
     *
     * @return true for the markup of no pieces and of an empty text
     */
    public boolean isEmpty() {
        return source.isEmpty();
    }

    /**
     * Returns the source.
     *
     * @return HTML that is XML too
     */
    @Override
    public String toString() {
        return source;
    }
}
