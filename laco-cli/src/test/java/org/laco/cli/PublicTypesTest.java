package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.laco.base.Internal;

/** Holds the page that lists the API equal to what is public. */
class PublicTypesTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z0-9]*)`");

    private final Set<JavaClass> types = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.laco").stream()
                    .filter(type ->
                            type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                    .filter(PublicTypesTest::isOfTheLibrary)
                    .collect(Collectors.toSet());

    /** Leaves out the command line's own packages, which nobody calls, what modules share, and blocks, which the page names as a whole. */
    private static boolean isOfTheLibrary(JavaClass type) {
        String name = type.getPackageName();
        return !name.matches("org\\.laco\\.(cli|output|page|sweep|similarity|synthesize|depth|examples|benchmarks).*")
                && !name.equals("org.laco.model.block")
                && !name.equals("org.laco.base")
                && !name.equals("org.laco.io.file");
    }

    private static Set<String> listed() throws IOException {
        Matcher names = NAME.matcher(Files.readString(Path.of("..", "src", "site", "markdown", "api.md")));
        return names.results().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyPublicTypeIsListedOrMarkedAsInternal() throws IOException {
        Set<String> known = listed();
        assertThat(types).isNotEmpty();
        assertThat(types.stream()
                        .filter(type -> !type.isAnnotatedWith(Internal.class))
                        .map(JavaClass::getSimpleName)
                        .filter(name -> !known.contains(name)))
                .isEmpty();
    }

    @Test
    void everyListedTypeIsPublicAndNotInternal() throws IOException {
        Set<String> open = types.stream()
                .filter(type -> !type.isAnnotatedWith(Internal.class))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet());
        Set<String> listed = listed();
        listed.remove("Decoder");
        listed.remove("Internal");
        assertThat(open).containsAll(listed);
    }
}
