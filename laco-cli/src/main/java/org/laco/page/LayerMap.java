package org.laco.page;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which of the original's layers became which layer of the result, as a picture: the result above the original, with a band from each layer
 * to what it went into.
 *
 * @param originalLayers the number of the original's layers
 * @param sources the original's layers inside each layer of the result, from the bottom up
 * @param fitted the numbers of the result's layers whose weights were fitted or trained
 * @param rules the rule by which each layer of the result was merged, empty for one that is the original's
 */
public record LayerMap(
        int originalLayers,
        ImmutableList<ImmutableList<Integer>> sources,
        ImmutableSet<Integer> fitted,
        ImmutableList<String> rules) {
    private static final double BOX = 30;
    private static final double SLOT = 36;
    private static final double TALL = 26;
    private static final double LEFT = 70;
    private static final double TOP = 44;
    private static final double ORIGINAL = 134;
    private static final double KEY = 196;
    private static final double WIDTH_AT_LEAST = 620;

    /**
     * Draws it for a page.
     *
     * @return the picture
     */
    public Markup svg() {
        return picture().holding(drawing());
    }

    /**
     * Draws it as a file of its own.
     *
     * @return the file's content
     */
    public String file() {
        return SvgFile.of(picture(), drawing());
    }

    private String title() {
        return originalLayers + " layers become " + sources.size();
    }

    private double width() {
        return Math.max(WIDTH_AT_LEAST, LEFT + originalLayers * SLOT + 16);
    }

    private Tag picture() {
        return SvgFile.picture(width(), KEY + 16, title()).with("class", "map");
    }

    private List<Markup> drawing() {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(words(12, 20, "start").with("class", "title").text(title()));
        pieces.add(words(LEFT - 12, TOP + TALL / 2 + 4, "end")
                .with("class", "faint")
                .text("result"));
        pieces.add(words(LEFT - 12, ORIGINAL + TALL / 2 + 4, "end")
                .with("class", "faint")
                .text("original"));
        Set<Integer> used = new LinkedHashSet<>();
        for (int layer = 0; layer < sources.size(); layer++) {
            for (int source : sources.get(layer)) {
                used.add(source);
                pieces.add(band(layer, source));
            }
        }
        for (int layer = 0; layer < sources.size(); layer++) {
            pieces.add(box(middle(layer), TOP, kind(layer), String.valueOf(layer), about(layer)));
        }
        for (int layer = 0; layer < originalLayers; layer++) {
            boolean kept = used.contains(layer);
            pieces.add(box(
                    x(layer),
                    ORIGINAL,
                    kept ? "kept" : "gone",
                    String.valueOf(layer),
                    "original layer " + layer + (kept ? "" : ", left out")));
        }
        pieces.addAll(key(used.size() < originalLayers));
        return pieces;
    }

    private static double x(int original) {
        return LEFT + original * SLOT;
    }

    /** A layer of the result stands above the middle of what it is made of, unless the result isn't in the original's order. */
    private double middle(int layer) {
        return isOrdered()
                ? sources.get(layer).stream().mapToDouble(LayerMap::x).average().orElseThrow()
                : x(layer);
    }

    private boolean isOrdered() {
        List<Integer> all = sources.stream().flatMap(List::stream).toList();
        return all.stream().sorted().distinct().toList().equals(all);
    }

    private String kind(int layer) {
        return fitted.contains(layer) ? "fitted" : sources.get(layer).size() > 1 ? "merged" : "kept";
    }

    private String about(int layer) {
        return "layer " + layer + " of the result: original "
                + sources.get(layer).stream().map(String::valueOf).collect(Collectors.joining(", "))
                + (rules.get(layer).isEmpty() ? "" : " by " + rules.get(layer))
                + (fitted.contains(layer) ? ", fitted or trained" : "");
    }

    private Markup band(int layer, int source) {
        double above = middle(layer);
        double below = x(source);
        double from = TOP + TALL;
        double half = (from + ORIGINAL) / 2;
        return Tag.of("path")
                .with("class", "band " + kind(layer))
                .with(
                        "d",
                        String.format(
                                Locale.ROOT,
                                "M%1$.1f,%3$.1fC%1$.1f,%4$.1f %2$.1f,%4$.1f %2$.1f,%5$.1fH%7$.1fC%7$.1f,%4$.1f %6$.1f,%4$.1f %6$.1f,%3$.1fZ",
                                above,
                                below,
                                from,
                                half,
                                ORIGINAL,
                                above + BOX,
                                below + BOX))
                .holding();
    }

    private static Markup box(double x, double y, String kind, String label, String about) {
        return Tag.of("g")
                .holding(
                        Tag.of("title").text(about),
                        Tag.of("rect")
                                .with("x", x)
                                .with("y", y)
                                .with("width", BOX)
                                .with("height", TALL)
                                .with("rx", "3")
                                .with("class", kind)
                                .holding(),
                        words(x + BOX / 2, y + TALL / 2 + 4, "middle").text(label));
    }

    private List<Markup> key(boolean leftOut) {
        List<Markup> pieces = new ArrayList<>();
        double x = LEFT;
        for (String[] entry : new String[][] {
            {"kept", "as it was"}, {"merged", "merged"}, {"fitted", "fitted or trained"}, {"gone", "left out"}
        }) {
            boolean shown =
                    switch (entry[0]) {
                        case "merged" ->
                            IntStream.range(0, sources.size())
                                    .anyMatch(layer -> kind(layer).equals("merged"));
                        case "fitted" -> !fitted.isEmpty();
                        case "gone" -> leftOut;
                        default -> true;
                    };
            if (shown) {
                pieces.add(Tag.of("rect")
                        .with("x", x)
                        .with("y", KEY - 11)
                        .with("width", "14")
                        .with("height", "14")
                        .with("rx", "2")
                        .with("class", entry[0])
                        .holding());
                pieces.add(words(x + 20, KEY, "start").text(entry[1]));
                x += 44 + 7 * entry[1].length();
            }
        }
        return pieces;
    }

    private static Tag words(double x, double y, String anchor) {
        return Tag.of("text").with("x", x).with("y", y).with("text-anchor", anchor);
    }
}
