import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes js/search-index.js into a site: the sections of its pages, which js/search.js looks through. As a script it can be read from a disk too, where a
 * browser reads no other file.
 *
 * <pre>java src/site/search/SiteIndex.java target/site</pre>
 */
public final class SiteIndex {
    private static final Pattern SECTION =
            Pattern.compile("<section><a id=\"([^\"]*)\"></a>\\s*<h(\\d)>(.*?)</h\\2>", Pattern.DOTALL);

    private SiteIndex() {}

    public static void main(String[] args) throws IOException {
        Path site = Path.of(args[0]);
        List<String> sections = new ArrayList<>();
        try (Stream<Path> files = Files.list(site)) {
            for (Path page : files.filter(file -> file.toString().endsWith(".html")).sorted().toList()) {
                sections.addAll(sections(page));
            }
        }
        if (sections.isEmpty()) {
            throw new IOException(site + " has no page with sections, so that nothing could be found in it");
        }
        Files.createDirectories(site.resolve("js"));
        Files.writeString(
                site.resolve("js/search-index.js"),
                sections.stream().collect(Collectors.joining(",\n", "var lacoSections = [\n", "\n];\n")));
    }

    /** Each section as an array: address, page, heading, words. */
    private static List<String> sections(Path page) throws IOException {
        String html = content(Files.readString(page));
        Matcher heads = SECTION.matcher(html);
        List<String> sections = new ArrayList<>();
        String title = "";
        int from = 0;
        String[] open = null;
        while (true) {
            boolean found = heads.find();
            if (open != null) {
                String words = text(html.substring(from, found ? heads.start() : html.length()));
                sections.add("[" + Stream.of(open[0], title, open[1], words)
                        .map(SiteIndex::quoted)
                        .collect(Collectors.joining(", ")) + "]");
            }
            if (!found) {
                return sections;
            }
            String heading = text(heads.group(3));
            title = heads.group(2).equals("1") ? heading : title;
            open = new String[] {page.getFileName() + "#" + heads.group(1), heading};
            from = heads.end();
        }
    }

    private static String content(String html) {
        int begin = Math.max(0, html.indexOf("<main"));
        int end = html.indexOf("</main>", begin);
        return html.substring(begin, end < 0 ? html.length() : end);
    }

    private static String text(String html) {
        return html.replaceAll("<[^>]*>", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#x2026;", "…")
                .replace("&amp;", "&")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("<", "\\u003c") + '"';
    }
}
