package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
    private static final String CONTENT = "model.safetensors";

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
            Files.writeString(output.path().resolve(CONTENT), content);
            Files.writeString(output.path().resolve(ConfigFile.NAME), "{\"model_type\": \"llama\"}");
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
        assertThat(target.resolve(CONTENT)).hasContent("new");
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
        assertThat(target.resolve(CONTENT)).hasContent("old");
        assertThat(siblings()).containsExactly("target");
    }

    /** Another process that replaces the target and is killed in the middle of it. */
    static final class Killed {
        public static void main(String[] args) throws IOException {
            AtomicDirectory output = AtomicDirectory.begin(
                    Path.of(args[0]), Optional.empty(), true, args[1].equals("exchange") ? BY_EXCHANGE : BY_RENAMES);
            Files.writeString(output.path().resolve(CONTENT), "new");
            Files.writeString(output.path().resolve(ConfigFile.NAME), "{\"model_type\": \"llama\"}");
            output.commit();
        }

        private static final Replacement BY_RENAMES = new Replacement() {
            private boolean renamed;

            @Override
            boolean exchange(Path one, Path other) {
                return false;
            }

            @Override
            void move(Path from, Path to) throws IOException {
                if (renamed) {
                    Runtime.getRuntime().halt(137);
                }
                super.move(from, to);
                renamed = true;
            }
        };

        private static final Replacement BY_EXCHANGE = new Replacement() {
            @Override
            boolean exchange(Path one, Path other) {
                Runtime.getRuntime().halt(super.exchange(one, other) ? 137 : 1);
                return true;
            }
        };
    }

    private int killWhileReplacing(String way) throws Exception {
        return java(Killed.class, target.toString(), way).waitFor();
    }

    @Test
    void keepsTheOldContentAsideWhenItIsKilledBetweenTwoRenames() throws Exception {
        write("old", false);
        assertThat(killWhileReplacing("renames")).isEqualTo(137);

        assertThat(target).doesNotExist();
        Path old = siblings()
                .filter(name -> name.matches("\\.target\\.laco-[0-9a-f]+\\.old"))
                .map(target::resolveSibling)
                .findFirst()
                .orElseThrow();
        assertThat(old.resolve(CONTENT)).hasContent("old");
        assertThat(old.resolve(ConfigFile.NAME)).hasContent("{\"model_type\": \"llama\"}");
        String message =
                target + " is not there: the process that was replacing it was killed or is just doing so. Its old "
                        + "content is in '" + old.getFileName()
                        + "' beside it; the next command that writes there puts it back, or rename it";
        assertThatThrownBy(() -> HfCheckpoint.open(target)).hasMessage(message);
        assertThatThrownBy(() -> CheckpointVerifier.of(target)).hasMessage(message);
        assertThat(old).exists();

        AtomicDirectory.begin(target, Optional.of(source), true).close();
        assertThat(target.resolve(CONTENT)).hasContent("old");
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNeverMissingWhereTheSystemExchangesNames() throws Exception {
        write("old", false);
        int killed = killWhileReplacing("exchange");
        assumeThat(killed).as("not every file system exchanges names").isEqualTo(137);

        assertThat(target.resolve(CONTENT)).hasContent("new");
        write("newer", true);
        assertThat(target.resolve(CONTENT)).hasContent("newer");
        assertThat(siblings()).containsExactly("target");
    }

    @Test
    void replacesByTwoRenamesWhereNamesAreNotExchanged() throws IOException {
        write("old", false);
        Replacement withoutExchange = new Replacement() {
            @Override
            boolean exchange(Path one, Path other) {
                return false;
            }
        };
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), true, withoutExchange)) {
            Files.writeString(output.path().resolve(CONTENT), "new");
            output.commit();
        }
        assertThat(target.resolve(CONTENT)).hasContent("new");
        assertThat(target.resolve(ConfigFile.NAME)).doesNotExist();
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

    private void refusesToReplace(String message) {
        assertThatThrownBy(() -> write("new", true))
                .isInstanceOf(IOException.class)
                .hasMessage(target + " " + message);
    }

    @Test
    void doesNotReplaceAFolderInWhichAConfigurationHappensToLie() throws IOException {
        Files.createDirectories(target.resolve("src"));
        Files.writeString(target.resolve("src/important.txt"), "years of work");
        Files.writeString(target.resolve(ConfigFile.NAME), "{\"name\": \"my web page\"}");
        refusesToReplace("holds no checkpoint and is not overwritten");

        Files.writeString(target.resolve(ConfigFile.NAME), "not JSON");
        refusesToReplace("holds no checkpoint and is not overwritten");
        assertThat(target.resolve("src/important.txt")).hasContent("years of work");
    }

    @Test
    void doesNotReplaceACheckpointWithSomethingElseInIt() throws IOException {
        write("old", false);
        Path thesis = Files.writeString(target.resolve("thesis.tex"), "years of work");
        refusesToReplace(
                "holds 'thesis.tex', which is no file of a checkpoint's (move it, or name another directory), and is not overwritten");
        Files.delete(thesis);

        Files.createDirectory(target.resolve("src"));
        refusesToReplace(
                "holds 'src', which is no file of a checkpoint's (move it, or name another directory), and is not overwritten");
        assertThat(target.resolve(CONTENT)).hasContent("old");
    }

    @Test
    void replacesWhatARecordNames() throws IOException {
        write("old", false);
        Files.writeString(target.resolve("picture.png"), "of the model card");
        Files.writeString(
                target.resolve(CollapseRecord.FILE_NAME), "{\"plan\": {}, \"outputs\": {\"picture.png\": \"00\"}}");
        write("new", true);
        assertThat(target.resolve(CONTENT)).hasContent("new");
        assertThat(target.resolve("picture.png")).doesNotExist();
    }

    @Test
    void doesNotReplaceALink() throws IOException {
        Files.createDirectories(target.getParent());
        Files.createDirectory(target.resolveSibling("empty"));
        Files.createSymbolicLink(target, Path.of("empty"));
        refusesToReplace("is a link, which is not overwritten: name what it leads to, empty");
    }

    @Test
    void saysThatANameIsTooLong() {
        target = directory.resolve("x".repeat(250));
        assertThatThrownBy(() -> write("new", false))
                .isInstanceOf(IOException.class)
                .hasMessage(target + " can't be written: its name has 250 bytes, expected at most 235");
    }

    @Test
    void leavesAloneWhatBelongsToATargetWhoseNameBeginsAlike() throws IOException {
        Path longer = directory.resolve("parent/target.laco-24");
        Files.createDirectories(target.resolveSibling(".target.laco-24.laco-ab.old"));
        Files.writeString(target.resolveSibling(".target.laco-24.laco-ab.lock"), "");
        write("new", false);
        assertThat(target.resolve(CONTENT)).hasContent("new");
        assertThat(siblings())
                .containsExactlyInAnyOrder("target", ".target.laco-24.laco-ab.old", ".target.laco-24.laco-ab.lock");

        target = longer;
        assertThatThrownBy(() -> write("new", false)).hasMessageContaining("exists already");
        assertThat(siblings()).containsExactlyInAnyOrder("target", "target.laco-24");
    }

    @Test
    @Timeout(20)
    void passesOverLocksThatAreNoFiles() throws Exception {
        Files.createDirectories(target.resolveSibling(".target.laco-1234.lock"));
        Path pipe = target.resolveSibling(".target.laco-5678.lock");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        write("new", false);
        assertThat(target.resolve(CONTENT)).hasContent("new");
    }

    @Test
    void keepsItsLockFromOtherProcessesWhileASecondWriterComesAndGoes() throws Exception {
        try (AtomicDirectory first = AtomicDirectory.begin(target, Optional.of(source), false)) {
            AtomicDirectory.begin(target, Optional.of(source), false).close();
            Path lock = target.resolveSibling(first.path().getFileName() + ".lock");
            assertThat(java(Cleaner.class, target.toString()).waitFor()).isZero();
            assertThat(lock).exists();
            assertThat(first.path()).exists();
        }
    }

    private static Process java(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }

    /** Another process that writes to the same target. */
    static final class Cleaner {
        public static void main(String[] args) throws IOException {
            AtomicDirectory.begin(Path.of(args[0]), Optional.empty(), false).close();
        }
    }

    @Test
    void canBeBegunByManyThreadsAtOnce() throws Exception {
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            writers.add(() -> {
                AtomicDirectory.begin(target, Optional.of(source), false).close();
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Void> writer : threads.invokeAll(writers)) {
                writer.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(siblings()).isEmpty();
    }

    @Test
    void isTheUsersAloneUntilItIsCompleteAndThenAsOpenAsTheMaskSays() throws IOException {
        Set<PosixFilePermission> byMask =
                Files.getPosixFilePermissions(Files.createDirectory(directory.resolve("any")));
        try (AtomicDirectory output = AtomicDirectory.begin(target, Optional.of(source), false)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(output.path())))
                    .isEqualTo("rwx------");
            output.commit();
        }
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(byMask);
    }
}
