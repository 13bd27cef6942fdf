package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.io.HubCache;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.merge.NormPolicy;
import org.laco.merge.RuleNames;
import org.laco.model.family.Families;
import org.laco.search.Searches;
import org.laco.synthesize.KnownShape;
import picocli.CommandLine.Model.CommandSpec;

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
                        "verify ",
                        "inspect ",
                        "evaluate ",
                        "generate ",
                        "sweep ",
                        "similarity ",
                        "synthesize ",
                        "families ",
                        "completion ",
                        "help ")
                .contains("Exit codes: 0 done");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "collapse",
                "apply",
                "verify",
                "inspect",
                "evaluate",
                "generate",
                "sweep",
                "similarity",
                "synthesize",
                "families",
                "completion",
                "help"
            })
    void explainsEachCommandInLinesThatFitATerminal(String command) {
        Run run = Run.laco(command, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: laco " + command);
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void explainsACommandThatHelpIsAskedFor() {
        Run run = Run.laco("help", "collapse");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(Run.laco("collapse", "--help").out());
        assertThat(Run.laco("help").out()).isEqualTo(Run.laco("--help").out());
    }

    @Test
    void hasNoHelpForACommandThatIsNone() {
        Run run = Run.laco("help", "colapse");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("laco: Unknown command 'colapse'");
    }

    @Test
    void namesEverySearchMetricRuleAndNormPolicyInItsHelp() {
        assertThat(help("collapse"))
                .contains(list(Searches.all().keySet()))
                .contains(list(Metrics.all().stream().map(Metric::name).toList()))
                .contains(list(RuleNames.known().forms()))
                .contains(list(Arrays.stream(NormPolicy.values())
                        .map(NormPolicy::label)
                        .toList()));
        assertThat(help("sweep")).contains(list(Searches.all().keySet()));
        assertThat(help("synthesize"))
                .contains(list(KnownShape.all().stream().map(KnownShape::name).toList()));
    }

    @Test
    void completesNamesOfSearchesMetricsRulesAndNormPolicies() {
        CommandSpec collapse = command("collapse");
        assertThat(collapse.findOption("--search").completionCandidates())
                .containsExactlyElementsOf(Searches.all().keySet());
        assertThat(collapse.findOption("--objective").completionCandidates())
                .containsExactly(
                        "cosine",
                        "token-cosine",
                        "last-token-cosine",
                        "relative-error",
                        "kl",
                        "likelihood",
                        "accuracy");
        assertThat(collapse.findOption("--rule").completionCandidates())
                .contains("telescoped", "damped-rdsc:λ", "best:RULE,RULE");
        assertThat(collapse.findOption("--norms").completionCandidates())
                .containsExactly("from-base", "from-last", "merged");
        assertThat(command("sweep").findOption("--searches").completionCandidates())
                .containsExactlyElementsOf(Searches.all().keySet());
    }

    private static CommandSpec command(String name) {
        return Laco.commandLine(
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(new StringWriter()),
                        new Surroundings(
                                HubCache.of(Map.of(), Path.of("target", "nowhere")), InputStream.nullInputStream()))
                .getSubcommands()
                .get(name)
                .getCommandSpec();
    }

    /** The help without blanks, since lines may end within a name. */
    private static String help(String command) {
        return Run.laco(command, "--help").out().replaceAll("\\s", "");
    }

    private static String list(Collection<String> names) {
        return "oneof" + String.join(",", names);
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
