package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.page.HeatMap.Cell;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class HeatMapTest {
    private static HeatMap map(int layers, Range<Double> scale, ImmutableSet<Cell> chosen) {
        double[][] values = new double[layers][layers];
        for (int column = 0; column < layers; column++) {
            for (int row = 0; row < layers; row++) {
                values[column][row] = column + row < layers ? (column == 0 ? 0.5 : 0.1 + 0.001 * row) : Double.NaN;
            }
        }
        return new HeatMap("distance", "first layer", "number of layers", 0, 1, values, scale, chosen, "chosen");
    }

    private static List<String> texts(Document svg) {
        return Xml.elements(svg, "text").stream().map(Element::getTextContent).toList();
    }

    @Test
    void labelsEveryLayerAndWritesThreeDigits() {
        Document svg =
                Xml.parse(map(30, Range.closed(0.0, 0.2), ImmutableSet.of()).file());
        List<String> texts = texts(svg);
        for (int layer = 0; layer < 30; layer++) {
            assertThat(texts).contains(String.valueOf(layer));
        }
        assertThat(texts).contains("30", "0.500", "0.101");
        assertThat(texts.stream().filter(text -> text.contains(".")))
                .allMatch(text -> text.matches("(≥ )?\\d\\.\\d{3}"));
    }

    @Test
    void saysWhereAColourStandsForAllBeyondIt() {
        assertThat(texts(Xml.parse(
                        map(4, Range.closed(0.0, 0.2), ImmutableSet.of()).file())))
                .contains("≥ 0.200", "0.000");
        assertThat(texts(Xml.parse(
                        map(4, Range.closed(0.0, 0.5), ImmutableSet.of()).file())))
                .contains("0.500")
                .doesNotContain("≥ 0.500");
    }

    @Test
    void marksWhatIsChosen() {
        Document svg = Xml.parse(
                map(4, Range.closed(0.0, 0.5), ImmutableSet.of(new Cell(1, 0))).file());
        assertThat(Xml.elements(svg, "rect").stream()
                        .filter(rect -> rect.getAttribute("class").equals("chosen")))
                .as("the mark and its explanation")
                .hasSize(2);
        assertThat(texts(svg)).contains("chosen");
    }

    @Test
    void refusesAScaleWithoutColours() {
        assertThatThrownBy(() -> map(4, Range.closed(0.5, 0.5), ImmutableSet.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the scale [0.5..0.5] of a heatmap has no colours");
    }
}
