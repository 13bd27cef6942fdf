package org.laco.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds every model family against numbers that transformers computed: forward pass, search decisions, merged bytes, refusals, written
 * checkpoints.
 *
 * <p>The system property {@code laco.fixtures} names another directory of the same format.
 */
class ConformanceTest {
    /** Variants of families that the fixtures leave out, made by the script beside them. */
    private static final Path REFERENCES = Path.of("src/test/resources/references");

    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicNode> agreesWithTransformers() throws IOException {
        return checks(Fixture.all(Fixture.root()));
    }

    @TestFactory
    Stream<DynamicNode> agreesWithTransformersOnRarerVariants() throws IOException {
        return checks(Fixture.all(REFERENCES));
    }

    private Stream<DynamicNode> checks(List<Path> directories) {
        return directories.stream().map(directory -> {
            FamilyChecks checks = new FamilyChecks(directory, temporary);
            return checks.all();
        });
    }
}
