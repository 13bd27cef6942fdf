package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkupTest {
    @Test
    void escapesWhatIsNoMarkup() {
        assertThat(Tag.of("p").with("title", "\"a\" & 'b'").text("1 < 2 > 0"))
                .hasToString("<p title=\"&quot;a&quot; &amp; &#39;b&#39;\">1 &lt; 2 &gt; 0</p>");
    }

    @Test
    void showsControlCharactersAsWhatCanNotBeShown() {
        assertThat(Markup.text("a\u0000b\u001bc\td\ne\uD800f")).hasToString("a\uFFFDb\uFFFDc\td\ne\uFFFDf");
        assertThat(Markup.text("smile \uD83D\uDE00")).hasToString("smile \uD83D\uDE00");
    }

    @Test
    void closesWhatHtmlClosesAndNothingElse() {
        assertThat(Markup.of(
                        Tag.of("br").holding(),
                        Tag.of("td").holding(),
                        Tag.of("path").with("d", "M0,0").holding()))
                .hasToString("<br/><td></td><path d=\"M0,0\"></path>");
    }

    @Test
    void writesLengthsToAHundredth() {
        assertThat(Tag.of("g")
                        .with("x", 10.0)
                        .with("y", 100.504)
                        .with("r", 0.0049)
                        .holding())
                .hasToString("<g x=\"10\" y=\"100.5\" r=\"0\"></g>");
    }

    @Test
    void knowsItsOwnPagesByTheirBeginning() {
        String html = new Page("A < B", List.of(Markup.text("text"))).html();
        assertThat(Page.isOne(html.substring(0, 200))).isTrue();
        assertThat(Page.isOne("<!DOCTYPE html>\n<html><head><title>laco</title>"))
                .isFalse();
        assertThat(Page.isOne("{}")).isFalse();
        assertThat(Xml.parse(html).getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("A < B");
    }

    @Test
    void refusesAScriptThatHtmlAndXmlReadInDifferentWays() {
        assertThatThrownBy(() -> Markup.verbatim("if (a && b) {}")).isInstanceOf(IllegalArgumentException.class);
    }
}
