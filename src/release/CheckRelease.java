import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Holds a directory of what is to be published against what Maven Central asks for: {@code java CheckRelease.java DIRECTORY VERSION}.
 * Prints each fault, and ends with exit code 1 if there are any. The rules are those of
 * <a href="https://central.sonatype.org/publish/requirements/">Central's requirements</a>. Whose the signatures are isn't looked at.
 */
public final class CheckRelease {
    private static final Set<String> PUBLISHED = Set.of(
            "laco-parent", "laco-bom", "laco-core", "laco-safetensors", "laco-onednn", "laco-io",
            "laco-spark", "laco-examples", "laco-cli");
    private static final Map<String, String> CHECKSUMS =
            Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256", ".sha512", "SHA-512");
    private static final List<List<String>> IN_EVERY_POM = List.of(
            List.of("name"),
            List.of("description"),
            List.of("url"),
            List.of("licenses", "license", "name"),
            List.of("licenses", "license", "url"),
            List.of("developers", "developer", "name"),
            List.of("scm", "connection"),
            List.of("scm", "developerConnection"),
            List.of("scm", "url"));

    private final Path group;
    private final String version;
    private final List<String> faults = new ArrayList<>();
    private int files;

    private CheckRelease(Path directory, String version) {
        this.group = directory.resolve("org/laco");
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("usage: java CheckRelease.java DIRECTORY VERSION");
            System.exit(2);
        }
        CheckRelease check = new CheckRelease(Path.of(args[0]), args[1]);
        check.run();
        check.faults.forEach(System.err::println);
        if (!check.faults.isEmpty()) {
            System.exit(1);
        }
        System.out.println(PUBLISHED.size() + " artifacts with " + check.files + " files are as Maven Central takes them");
    }

    private void run() throws Exception {
        Set<String> found = names(group);
        if (!found.equals(PUBLISHED)) {
            faults.add(group + " has " + new TreeSet<>(found) + ", expected " + new TreeSet<>(PUBLISHED));
        }
        for (String artifact : found) {
            if (PUBLISHED.contains(artifact)) {
                check(artifact);
            }
        }
    }

    private void check(String artifact) throws Exception {
        Path directory = group.resolve(artifact).resolve(version);
        Set<String> names = names(directory);
        String base = artifact + "-" + version;
        if (!names.contains(base + ".pom")) {
            faults.add(base + ".pom is missing in " + directory);
            return;
        }
        Document pom = parse(directory.resolve(base + ".pom"));
        checkPom(base, pom);
        if (text(pom.getDocumentElement(), List.of("packaging")).filter("pom"::equals).isEmpty()) {
            requireEntry(directory, base + ".jar", ".class");
            requireEntry(directory, base + "-sources.jar", ".java");
            requireEntry(directory, base + "-javadoc.jar", "index.html");
            require(names, base + "-cyclonedx.json");
            require(names, base + "-cyclonedx.xml");
        }
        for (String name : names) {
            if (!isDerived(name)) {
                files++;
                require(names, name + ".asc");
                for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
                    require(names, name + checksum.getKey());
                    if (names.contains(name + checksum.getKey())) {
                        checkSum(directory.resolve(name), checksum.getKey(), checksum.getValue());
                    }
                }
            }
        }
    }

    private void checkPom(String base, Document pom) throws Exception {
        Element project = pom.getDocumentElement();
        for (List<String> path : IN_EVERY_POM) {
            boolean inherited = text(project, List.of("parent", "artifactId")).isPresent() && !path.get(0).matches("name|description");
            if (text(inherited ? parent(project) : project, path).isEmpty()) {
                faults.add(base + ".pom has no " + String.join("/", path));
            }
        }
        // Its own, or its parent's.
        String stated = text(project, List.of("version")).or(() -> text(project, List.of("parent", "version"))).orElse("none");
        if (!stated.equals(version)) {
            faults.add(base + ".pom is of version " + stated + ", expected " + version);
        }
        NodeList versions = pom.getElementsByTagName("version");
        for (int i = 0; i < versions.getLength(); i++) {
            if (versions.item(i).getTextContent().endsWith("-SNAPSHOT")) {
                faults.add(base + ".pom refers to the snapshot " + versions.item(i).getTextContent());
            }
        }
        for (String repositories : List.of("repositories", "pluginRepositories")) {
            if (pom.getElementsByTagName(repositories).getLength() > 0) {
                faults.add(base + ".pom names " + repositories + " of its own, which its users may not reach");
            }
        }
    }

    private Element parent(Element project) throws Exception {
        String name = text(project, List.of("parent", "artifactId")).orElseThrow();
        return parse(group.resolve(name).resolve(version).resolve(name + "-" + version + ".pom")).getDocumentElement();
    }

    private void require(Set<String> names, String name) {
        if (!names.contains(name)) {
            faults.add(name + " is missing");
        }
    }

    private void requireEntry(Path directory, String name, String ending) throws IOException {
        Path jar = directory.resolve(name);
        if (!Files.exists(jar)) {
            faults.add(name + " is missing");
            return;
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            if (zip.stream().noneMatch(entry -> entry.getName().endsWith(ending))) {
                faults.add(name + " holds no " + ending);
            }
        }
    }

    private void checkSum(Path file, String ending, String algorithm) throws IOException, GeneralSecurityException {
        String stated = Files.readString(file.resolveSibling(file.getFileName() + ending)).strip();
        String actual = HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
        if (!stated.equals(actual)) {
            faults.add(file.getFileName() + ending + " isn't that of " + file.getFileName());
        }
    }

    private static boolean isDerived(String name) {
        return name.endsWith(".asc") || CHECKSUMS.keySet().stream().anyMatch(name::endsWith);
    }

    private static Set<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !name.startsWith("maven-metadata"))
                    .collect(toCollection(TreeSet::new));
        }
    }

    private static Document parse(Path pom) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    }

    /** Returns the text at a path of elements, nothing if it is empty or isn't there. */
    private static Optional<String> text(Element from, List<String> path) {
        Element at = from;
        for (String name : path) {
            Optional<Element> next = Optional.empty();
            for (Node node = at.getFirstChild(); node != null && next.isEmpty(); node = node.getNextSibling()) {
                if (node instanceof Element element && element.getTagName().equals(name)) {
                    next = Optional.of(element);
                }
            }
            if (next.isEmpty()) {
                return Optional.empty();
            }
            at = next.get();
        }
        return Optional.of(at.getTextContent().strip()).filter(text -> !text.isEmpty());
    }
}
