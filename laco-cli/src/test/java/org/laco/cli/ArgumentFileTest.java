package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arguments that are kept in a file, which is named after an at sign. */
class ArgumentFileTest {
    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
    }

    private Path arguments(String content) throws IOException {
        return Files.writeString(directory.resolve("arguments.txt"), content);
    }

    @Test
    void standsForTheArgumentsInIt() throws IOException {
        Path file = arguments("# The original, whose layers are listed.\n\"" + checkpoint.directory() + "\"\n--json\n");
        Run run = Run.laco("inspect", "@" + file);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo(Run.laco("inspect", checkpoint.directory(), "--json").out());
    }

    @Test
    void mayHoldTheCommandAndStandBesideOtherArguments() throws IOException {
        Path file = arguments("collapse --no-write --target-layers 6\n--search last --json");
        Run run = Run.laco("@" + file, checkpoint.directory(), "--calibration", checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("layers")).hasSize(6);
    }

    @Test
    void namesAMisspeltOptionInIt() throws IOException {
        Run run = Run.laco("collapse", "@" + arguments("--treshold 0.5"), "a", "b");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: Unknown option '--treshold': did you mean '--threshold'?\n");
    }

    @Test
    void leavesAModelWhoseNameBeginsWithAnAtSignWithinReach() throws IOException {
        // Only in the working directory does a path begin with its name.
        Path model = Files.createTempDirectory(Path.of(""), "@model");
        Path arguments = Path.of(model.toString().substring(1));
        try {
            TinyCheckpoint.copyTo(model);
            Files.writeString(
                    arguments, checkpoint.directory().resolve("nothing").toString());
            assertThat(Run.laco("inspect", model.toString()).err()).contains("nothing is not a directory");
            Run run = Run.laco("inspect", "./" + model);
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out())
                    .isEqualTo(Run.laco("inspect", checkpoint.directory()).out());
        } finally {
            Files.deleteIfExists(arguments);
            MoreFiles.deleteRecursively(model, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
