package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeLibrariesTest {
    @ParameterizedTest
    @ValueSource(strings = {"collapse", "apply", "evaluate", "generate", "sweep", "similarity"})
    void areNeededByCommandsThatCompute(String command) {
        assertThat(NativeLibraries.areNeededBy(List.of(command, "MODEL"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "families", "synthesize"})
    void areNotNeededByCommandsThatReadHeadersOrWriteOnly(String command) {
        assertThat(NativeLibraries.areNeededBy(List.of(command, "MODEL"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help", "-V", "--version"})
    void areNotNeededByAQuestionAboutACommand(String flag) {
        assertThat(NativeLibraries.areNeededBy(List.of("collapse", "MODEL", flag)))
                .isFalse();
        assertThat(NativeLibraries.areNeededBy(List.of(flag))).isFalse();
    }

    @Test
    void areNotNeededByACommandWithoutArguments() {
        assertThat(NativeLibraries.areNeededBy(List.of("collapse"))).isFalse();
        assertThat(NativeLibraries.areNeededBy(List.of())).isFalse();
    }
}
