package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
    @TempDir
    Path directory;

    private Path source;
    private Path target;

    @BeforeEach
    void prepare() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
        target = directory.resolve("parent/target");
    }

    private void write(String content, boolean overwrite) throws IOException {
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), overwrite)) {
            Files.writeString(output.path().resolve(ConfigFile.NAME), content);
            output.commit();
        }
    }

    private Stream<String> siblings() throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    @Test
    void appearsWhenItIsCommitted() throws IOException {
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), false)) {
            Files.writeString(output.path().resolve(ConfigFile.NAME), "{}");
            assertThat(target).doesNotExist();
            output.commit();
            assertThat(target.resolve(ConfigFile.NAME)).hasContent("{}");
        }
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    void leavesNothingIfItIsNotCommitted() throws IOException {
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), false)) {
            Files.writeString(output.path().resolve(ConfigFile.NAME), "{}");
        }
        assertThat(siblings()).isEmpty();
    }

    @Test
    void replacesACheckpointAndRemovesTheOldOne() throws IOException {
        write("old", false);
        write("new", true);
        assertThat(target.resolve(ConfigFile.NAME)).hasContent("new");
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    void removesWhatAKilledProcessLeft() throws IOException {
        Files.createDirectories(target.getParent());
        Files.writeString(target.resolveSibling(".target.laco-1a2b.lock"), "");
        Files.createDirectory(target.resolveSibling(".target.laco-1a2b"));
        Files.writeString(target.resolveSibling(".target.laco-1a2b").resolve("half"), "half a file");
        Files.createDirectory(target.resolveSibling(".other.laco-1a2b"));
        write("new", false);
        assertThat(siblings()).containsExactlyInAnyOrder("target", ".other.laco-1a2b");
    }

    @Test
    void putsBackWhatAKilledProcessHadMovedAway() throws IOException {
        write("old", false);
        Files.writeString(target.resolveSibling(".target.laco-1a2b.lock"), "");
        Files.move(target, target.resolveSibling(".target.laco-1a2b.old"));
        assertThatThrownBy(() -> write("new", false))
                .isInstanceOf(IOException.class)
                .hasMessage(target + " exists already and is not overwritten unless that is asked for");
        assertThat(target.resolve(ConfigFile.NAME)).hasContent("old");
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    void leavesAloneWhatSomebodyElseIsWriting() throws IOException {
        try (AtomicDirectory first = AtomicDirectory.begin(target, Optional.of(source), false)) {
            Files.writeString(first.path().resolve(ConfigFile.NAME), "first");
            try (AtomicDirectory second = AtomicDirectory.begin(target, Optional.of(source), false)) {
                assertThat(second.path()).isNotEqualTo(first.path());
            }
            first.commit();
        }
        assertThat(target.resolve(ConfigFile.NAME)).hasContent("first");
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    void doesNotReplaceWhatAppearedMeanwhile() throws IOException {
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), false)) {
            Files.createDirectory(target);
            Files.writeString(target.resolve("letter"), "Dear …");
            assertThatThrownBy(output::commit)
                    .isInstanceOf(IOException.class)
                    .hasMessage(target + " exists already and is not overwritten unless that is asked for");
        }
        assertThat(target.resolve("letter")).hasContent("Dear …");
        assertThat(siblings()).containsExactly("target");
    }
}
