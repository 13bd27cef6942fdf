package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class LayerMapTest {
    private static final LayerMap MAP = new LayerMap(
            6,
            ImmutableList.of(ImmutableList.of(0), ImmutableList.of(1, 2), ImmutableList.of(4)),
            ImmutableSet.of(2),
            ImmutableList.of("", "telescoped", ""));

    private static List<String> kinds(Document svg, String element) {
        return Xml.elements(svg, element).stream()
                .map(each -> each.getAttribute("class"))
                .toList();
    }

    @Test
    void drawsABandFromEachLayerToWhatItWentInto() {
        Document svg = Xml.parse(MAP.svg().toString());
        assertThat(kinds(svg, "path")).containsExactly("band kept", "band merged", "band merged", "band fitted");
        assertThat(Xml.elements(svg, "title"))
                .extracting(Element::getTextContent)
                .contains(
                        "layer 1 of the result: original 1, 2 by telescoped",
                        "layer 2 of the result: original 4, fitted or trained",
                        "original layer 3, left out",
                        "original layer 5, left out");
        assertThat(Xml.elements(svg, "text"))
                .extracting(Element::getTextContent)
                .contains("6 layers become 3", "left out", "merged", "fitted or trained");
    }

    @Test
    void explainsOnlyWhatIsInThePicture() {
        LayerMap same = new LayerMap(
                2,
                ImmutableList.of(ImmutableList.of(0), ImmutableList.of(1)),
                ImmutableSet.of(),
                ImmutableList.of("", ""));
        assertThat(Xml.elements(Xml.parse(same.file()), "text"))
                .extracting(Element::getTextContent)
                .contains("as it was")
                .doesNotContain("merged", "left out");
    }
}
