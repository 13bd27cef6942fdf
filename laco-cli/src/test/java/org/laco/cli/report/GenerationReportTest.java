package org.laco.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.laco.measure.Continuations;

class GenerationReportTest {
    private static final ImmutableList<String> PROMPTS = ImmutableList.of("Once", "Two\nlines");

    private static final GeneratedTexts TEXTS = texts(
            ImmutableIntArray.of(1, 2, 3, 4, 1, 2, 3, 4), " a b c d a b c d", ImmutableIntArray.of(9), "x".repeat(101));
    private static final GeneratedTexts BEFORE = texts(
            ImmutableIntArray.of(1, 2, 3, 4, 5, 6, 7, 8), " a b\n c d e", ImmutableIntArray.of(9), "x".repeat(100));

    private static GeneratedTexts texts(ImmutableIntArray first, String text, ImmutableIntArray second, String other) {
        return new GeneratedTexts(
                PROMPTS, new Continuations(ImmutableList.of(first, second)), ImmutableList.of(text, other));
    }

    @Test
    void printsTextsBesideThoseOfTheOriginal() {
        StringWriter out = new StringWriter();
        new GenerationReport(TEXTS, Optional.of(BEFORE)).print(new PrintWriter(out));

        // One of five runs was there; 4 of 8 tokens and 1 of 1 agree.
        assertThat(out.toString().lines())
                .containsExactly(
                        "repeated 4-grams  20.0 % (original 0.0 %), agreement with the original  75.0 %",
                        "",
                        "prompt    Once",
                        "goes on   a b c d a b c d",
                        "original  a b c d e",
                        "",
                        "prompt    Two lines",
                        "goes on   " + "x".repeat(100) + "…",
                        "original  " + "x".repeat(100));
    }

    @Test
    void givesTheWholeTextsWithTheirMeasures() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        new GenerationReport(TEXTS, Optional.of(BEFORE)).encode(node);

        ObjectNode generated = (ObjectNode) node.get("generated");
        assertThat(generated.get("repeated4Grams").asDouble()).isCloseTo(.2, within(1e-12));
        assertThat(generated.get("repeated4GramsOfOriginal").asDouble()).isZero();
        assertThat(generated.get("agreement").asDouble()).isEqualTo(.75);
        assertThat(generated.get("texts")).hasSize(2);
        assertThat(generated.get("texts").get(0).get("agreement").asDouble()).isEqualTo(.5);
        assertThat(generated.get("texts").get(0).get("original").get("ids").toString())
                .isEqualTo("[1,2,3,4,5,6,7,8]");
        assertThat(generated.get("texts").get(1).get("continuation").asText()).hasSize(101);
        assertThat(generated.get("texts").get(1).get("repeated4Grams").isNull()).isTrue();
    }

    @Test
    void leavesOutAnOriginalThatThereIsNot() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        StringWriter out = new StringWriter();
        new GenerationReport(TEXTS, Optional.empty()).encode(node);
        new GenerationReport(TEXTS, Optional.empty()).print(new PrintWriter(out));

        assertThat(node.get("generated").fieldNames()).toIterable().containsExactly("repeated4Grams", "texts");
        assertThat(node.get("generated").get("texts").get(0).has("original")).isFalse();
        assertThat(out.toString()).startsWith("repeated 4-grams  20.0 %\n").doesNotContain("original");
    }
}
