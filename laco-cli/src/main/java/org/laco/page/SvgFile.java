package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;

/** A picture as a file of its own, which looks as it does in a page. */
final class SvgFile {
    private SvgFile() {}

    /** Begins a picture that scales with the room that it is given. */
    static Tag picture(double width, double height, String name) {
        return Tag.of("svg")
                .with("viewBox", String.format(Locale.ROOT, "0 0 %.0f %.0f", width, height))
                .with("width", Math.rint(width))
                .with("height", Math.rint(height))
                .with("role", "img")
                .with("aria-label", name);
    }

    /** Returns the content of the file. */
    static String of(Tag picture, List<Markup> pieces) {
        return picture.with("xmlns", "http://www.w3.org/2000/svg")
                        .holding(ImmutableList.<Markup>builder()
                                .add(Tag.of("style").holding(Markup.verbatim(Look.style())))
                                .add(Tag.of("rect")
                                        .with("width", "100%")
                                        .with("height", "100%")
                                        .with("class", "paper")
                                        .holding())
                                .addAll(pieces)
                                .build())
                + "\n";
    }
}
