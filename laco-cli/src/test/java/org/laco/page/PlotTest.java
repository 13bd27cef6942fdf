package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class PlotTest {
    private static final List<Curve> CURVES = List.of(
            new Curve("first", 0, List.of(new Mark(0, 10, "one"), new Mark(10, 30, 5, "two <"))),
            new Curve("second", 1, List.of(new Mark(10, 20, 10, "three"))),
            new Curve("nothing", 2, List.of()));

    private static double[] place(Element dot) {
        String[] numbers =
                dot.getAttribute("transform").replaceAll("[^0-9. ]", "").split(" ");
        return new double[] {Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1])};
    }

    private static List<Element> dots(Document svg, int curve) {
        Element group = Xml.elements(svg, "g").stream()
                .filter(each -> each.hasAttribute("data-curve"))
                .toList()
                .get(curve);
        return Xml.elements(group, "path").stream()
                .filter(path -> path.getAttribute("class").equals("dot"))
                .toList();
    }

    @Test
    void putsPointsWhereTheirValuesAre() {
        Document svg = Xml.parse(Plot.of("t", "x", "y", CURVES).svg().toString());
        List<Element> dots = dots(svg, 0);
        double[] low = place(dots.get(0));
        double[] high = place(dots.get(1));
        double[] other = place(dots(svg, 1).get(0));
        assertThat(high[0]).isGreaterThan(low[0]);
        assertThat(high[1]).isLessThan(low[1]);
        assertThat(other[1]).as("20 is in the middle of 10 and 30").isCloseTo((low[1] + high[1]) / 2, within(0.02));
        assertThat(other[0]).as("two bars of one place are side by side").isNotEqualTo(high[0]);
    }

    @Test
    void drawsBarsOnlyWhereThereAreStandardErrors() {
        Document svg = Xml.parse(Plot.of("t", "x", "y", CURVES).svg().toString());
        List<Element> bars = Xml.elements(svg, "path").stream()
                .filter(path -> path.getAttribute("class").equals("error"))
                .toList();
        assertThat(bars).hasSize(2);
        assertThat(Xml.elements(svg, "title"))
                .extracting(Element::getTextContent)
                .containsExactly("one", "two <", "three");
    }

    @Test
    void hasALegendOfItsOwnAsAFile() {
        String file =
                Plot.of("A & B", "x", "y", CURVES).reference(15, "threshold").file();
        Document svg = Xml.parse(file);
        assertThat(
                        svg.getDocumentElement().getNamespaceURI() == null
                                ? svg.getDocumentElement().getAttribute("xmlns")
                                : svg.getDocumentElement().getNamespaceURI())
                .isEqualTo("http://www.w3.org/2000/svg");
        assertThat(Xml.elements(svg, "text"))
                .extracting(Element::getTextContent)
                .contains("A & B", "first", "second", "threshold")
                .doesNotContain("nothing");
        assertThat(file).contains("prefers-color-scheme: dark");
    }
}
