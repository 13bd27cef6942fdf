package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** An option that a command doesn't have, or a command that isn't there, is named alone, with the one that is probably meant. */
class MisspeltOptionTest {
    private static void refuses(String expected, Object... args) {
        Run run = Run.laco(args);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("laco: " + expected + "\nTry 'laco " + args[0] + " --help'.\n");
    }

    @Test
    void namesTheOptionAndNotWhatItsValueShifts() {
        refuses("Unknown option '--treshold': did you mean '--threshold'?", "collapse", "--treshold", 0.5, "a", "b");
        refuses("Unknown option '--treshold': did you mean '--threshold'?", "collapse", "a", "b", "--treshold=0.5");
    }

    @Test
    void namesTheOptionEvenIfWithoutItSomethingIsMissing() {
        refuses("Unknown option '--plna': did you mean '--plan'?", "apply", "a", "b", "--plna", "plan.json");
        refuses("Unknown option '--jsno': did you mean '--json'?", "inspect", "--jsno");
    }

    @Test
    void takesNoValueForAnOption() {
        refuses("Missing required parameter: 'MODEL'", "generate", "--prompt", "--how does it end");
        refuses("Missing required option: '--plan=FILE'", "apply", "--", "--jsno");
    }

    @Test
    void knowsOptionsOfGroupsAndThoseOfTheTraining() {
        refuses("Unknown option '--memroy': did you mean '--memory'?", "collapse", "a", "b", "--memroy", "3GB");
        refuses("Unknown option '--heal-txt': did you mean '--heal-text'?", "collapse", "a", "b", "--heal-txt", "c");
    }

    @Test
    void namesAllThatBeginAlike() {
        refuses(
                "Unknown option '--target': did you mean '--target-layers' or '--target-ratio' or '--target-bytes'?",
                "collapse",
                "a",
                "b",
                "--target=6");
    }

    @Test
    void namesEachOfSeveral() {
        refuses(
                "Unknown option '--intervall': did you mean '--interval'?; Unknown option '--quux'",
                "collapse",
                "a",
                "b",
                "--intervall=2",
                "--quux");
    }

    @Test
    void knowsAnOptionWithoutItsDashes() {
        Run run = Run.laco("version");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("laco: Unmatched argument at index 0: 'version': did you mean '--version'?\n"
                        + "Try 'laco --help'.\n");
    }

    @Test
    void namesTheCommandThatIsProbablyMeantAndNotWhatIsBehindIt() {
        for (Run run : List.of(
                Run.laco("colapse", "a", "b"), Run.laco("colapse", "a", "b", "--json"), Run.laco("help", "colapse"))) {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
            assertThat(run.err())
                    .isEqualTo("laco: Unknown command 'colapse': did you mean 'collapse'?\nTry 'laco --help'.\n");
        }
        assertThat(Run.laco("frobnicate").err()).isEqualTo("laco: Unknown command 'frobnicate'\nTry 'laco --help'.\n");
    }

    @Test
    void leavesAParameterTooManyAsItIs() {
        refuses("Unmatched argument at index 3: 'c'", "collapse", "a", "b", "c");
    }
}
