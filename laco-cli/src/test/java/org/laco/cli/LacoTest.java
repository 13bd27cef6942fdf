package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.model.family.Families;

class LacoTest {
    @Test
    void listsItsCommands() {
        Run run = Run.laco("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "demo ",
                        "collapse ",
                        "apply ",
                        "inspect ",
                        "evaluate ",
                        "generate ",
                        "synthesize ",
                        "families ")
                .contains("Exit codes: 0 done");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "collapse", "apply", "inspect", "evaluate", "generate", "synthesize", "families"})
    void explainsEachCommandInLinesThatFitATerminal(String command) {
        Run run = Run.laco(command, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: laco " + command);
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void tellsItsVersion() {
        assertThat(Run.laco("--version").out()).matches("laco \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
    }

    @Test
    void asksForACommandAndKnowsWhatIsMeant() {
        assertThat(Run.laco().exitCode()).isEqualTo(2);
        Run run = Run.laco("colapse");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("collapse");
    }

    @Test
    void listsEveryModelType() {
        String out = Run.laco("families").out();
        Families.all().forEach(family -> assertThat(out).contains(family.modelTypes()));
    }
}
