package org.laco.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorTest {
    @TempDir
    private Path directory;

    private boolean isAmd(String description) throws IOException {
        return new Processor(Files.writeString(directory.resolve("cpuinfo"), description)).isAmd();
    }

    @Test
    void isOfAmdIfLinuxSaysSo() throws IOException {
        assertThat(isAmd("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\n"))
                .isTrue();
        assertThat(isAmd("processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"))
                .isFalse();
    }

    @Test
    void isOfNobodyWhereNothingIsKnown() {
        assertThat(new Processor(directory.resolve("none")).isAmd()).isFalse();
    }
}
