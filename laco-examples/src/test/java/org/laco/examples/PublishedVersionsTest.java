package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.laco.io.CollapseRecord;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a build that depends on laco is told: the same versions as in laco's own, by the coordinates that are tried. */
class PublishedVersionsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{(.+?)}");

    private static Document parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> all(Document document, String name) {
        NodeList nodes = document.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    private static String child(Element element, String name) {
        NodeList nodes = element.getElementsByTagName(name);
        return nodes.getLength() == 0 ? "" : nodes.item(0).getTextContent();
    }

    /** Versions by the coordinates without a classifier, properties resolved. */
    private static Map<String, String> managed(Document pom) {
        String own = all(pom, "version").get(0).getTextContent();
        Map<String, String> versions = new LinkedHashMap<>();
        for (Element dependency : all(pom, "dependency")) {
            String version = child(dependency, "version");
            String resolved = PROPERTY.matcher(version).replaceAll(match -> property(pom, match, own));
            String coordinates = child(dependency, "groupId") + ":" + child(dependency, "artifactId");
            assertThat(versions.putIfAbsent(coordinates, resolved))
                    .as(coordinates)
                    .isIn(null, resolved);
        }
        return versions;
    }

    private static String property(Document pom, MatchResult match, String own) {
        return match.group(1).equals("project.version")
                ? own
                : all(pom, match.group(1)).get(0).getTextContent();
    }

    @Test
    void areThoseOfLacosOwnBuild() throws Exception {
        Map<String, String> own = managed(parse(Files.readString(ROOT.resolve("pom.xml"))));
        Map<String, String> published = managed(parse(Files.readString(ROOT.resolve("laco-bom/pom.xml"))));

        assertThat(published.keySet())
                .contains(
                        "org.laco:laco-io",
                        "org.nd4j:nd4j-native",
                        "org.bytedeco:javacpp",
                        "org.bytedeco:openblas-platform");
        published.forEach((coordinates, version) -> {
            String base = coordinates.replaceFirst("-platform$", "");
            if (own.containsKey(base)) {
                assertThat(version).as(coordinates).isEqualTo(own.get(base));
            }
        });
        assertThat(own.keySet())
                .filteredOn(coordinates ->
                        coordinates.matches("org\\.(laco|bytedeco|nd4j):.*") && !coordinates.contains("$"))
                .as("every module and native library is published")
                .isSubsetOf(published.keySet());
    }

    @Test
    void areReachedByTheCoordinatesThatAConsumerIsBuiltWith() throws Exception {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String snippet =
                readme.substring(readme.indexOf("```xml\n") + 7, readme.indexOf("```", readme.indexOf("```xml\n") + 7));
        Document shown = parse("<project>" + snippet + "</project>");
        Document built = parse(Files.readString(ROOT.resolve("laco-consumers/src/it/maven/pom.xml"))
                .replace("@laco.platform@", "linux-x86_64")
                .replace("@project.version@", child(all(shown, "dependency").get(0), "version")));

        assertThat(coordinates(built)).containsAll(coordinates(shown)).hasSizeGreaterThan(6);
        assertThat(coordinates(shown)).hasSize(7);
    }

    @Test
    void areReachedByTheCoordinatesThatAConsumerForGradleIsBuiltWith() throws Exception {
        String readme = Files.readString(ROOT.resolve("README.md"));
        int start = readme.indexOf("```kotlin\n") + "```kotlin\n".length();
        String snippet = readme.substring(start, readme.indexOf("```", start));

        assertThat(Files.readString(ROOT.resolve("laco-consumers/src/it/gradle/build.gradle.kts")))
                .contains(snippet);
        assertThat(snippet).contains("org.laco:laco-bom:" + CollapseRecord.version());
    }

    private static List<String> coordinates(Document pom) {
        return all(pom, "dependency").stream()
                .map(dependency -> List.of("groupId", "artifactId", "version", "classifier", "type", "scope").stream()
                        .map(name -> child(dependency, name))
                        .toList()
                        .toString())
                .toList();
    }
}
