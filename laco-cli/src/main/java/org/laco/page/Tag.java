package org.laco.page;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The name and the attributes of an element that is still to be filled. */
public final class Tag {
    /** What HTML knows no end tag of. */
    private static final ImmutableSet<String> VOID = ImmutableSet.of("br", "hr", "img", "input", "link", "meta");

    private final String name;
    private final ImmutableMap<String, String> attributes;

    private Tag(String name, ImmutableMap<String, String> attributes) {
        this.name = name;
        this.attributes = attributes;
    }

    /**
     * Makes a tag without attributes.
     *
     * @param name the element's name
     * @return the tag
     */
    public static Tag of(String name) {
        return new Tag(name, ImmutableMap.of());
    }

    /**
     * Adds an attribute.
     *
     * @param attribute its name
     * @param value its value, which is escaped
     * @return a tag with it
     */
    public Tag with(String attribute, String value) {
        return new Tag(
                name,
                ImmutableMap.<String, String>builder()
                        .putAll(attributes)
                        .put(attribute, value)
                        .buildOrThrow());
    }

    /**
     * Adds an attribute that is a length of a picture.
     *
     * @param attribute its name
     * @param value its value, kept to a hundredth
     * @return a tag with it
     */
    public Tag with(String attribute, double value) {
        String digits = String.format(Locale.ROOT, "%.2f", value);
        return with(attribute, digits.replaceFirst("\\.?0+$", ""));
    }

    /**
     * Fills the element with text.
     *
     * @param text the text, which is escaped
     * @return the element
     */
    public Markup text(String text) {
        return holding(Markup.text(text));
    }

    /**
     * Fills the element.
     *
     * @param pieces what is in it, nothing for an empty one
     * @return the element
     */
    public Markup holding(Markup... pieces) {
        return holding(Arrays.asList(pieces));
    }

    /**
     * Fills the element.
     *
     * @param pieces what is in it
     * @return the element
     */
    public Markup holding(Iterable<Markup> pieces) {
        String start = attributes.entrySet().stream()
                .map(Tag::attribute)
                .collect(Collectors.joining("", "<" + name, VOID.contains(name) ? "/>" : ">"));
        return Markup.element(start, Markup.of(pieces), VOID.contains(name) ? "" : "</" + name + ">");
    }

    private static String attribute(Map.Entry<String, String> attribute) {
        return " " + attribute.getKey() + "=\"" + Markup.escape(attribute.getValue()) + "\"";
    }
}
