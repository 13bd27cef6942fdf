package org.laco.page;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Reads pages and pictures as XML, which refuses what isn't well-formed. */
public final class Xml {
    private Xml() {}

    /** Parses a page or a picture. */
    public static Document parse(String content) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(content)));
        } catch (Exception e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** Returns the elements of a name, in the order of the document. */
    public static List<Element> elements(Document document, String name) {
        return list(document.getElementsByTagName(name));
    }

    /** Returns the elements of a name below another, in the order of the document. */
    public static List<Element> elements(Element above, String name) {
        return list(above.getElementsByTagName(name));
    }

    private static List<Element> list(NodeList nodes) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
