package org.laco.examples.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.Calibration;
import org.laco.examples.sweep.Sweep;
import org.laco.examples.sweep.SweepInputs;
import org.laco.examples.sweep.SweepMethod;
import org.laco.examples.sweep.SweepPoint;
import org.laco.examples.sweep.SweepReport;
import org.laco.examples.sweep.SweepText;
import org.laco.io.CalibrationFile;
import org.laco.io.ChoiceFile;
import org.laco.io.HfCheckpoint;
import org.laco.refit.Refit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares searches at several sizes of the result. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Compare searches at several sizes of the result, and write tables, plots and one page.",
        footer = {
            "",
            "A sweep that was stopped goes on where it was when it is started again with the same options.",
            "",
            "Example:",
            "  laco sweep SmolLM2-135M out --layers 27,24,21 --searches runs+refit,greedy,shortgpt,replaceme \\",
            "      --calibration encyclopaedia.txt --text held-out.txt --text news.txt"
        })
final class SweepCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "MODEL", description = "The checkpoint's directory.")
    private Path source;

    @Parameters(index = "1", paramLabel = "OUT", description = "Where points and results are kept.")
    private Path target;

    @Option(
            names = "--ratios",
            split = ",",
            paramLabel = "R",
            order = 1,
            description = "The shares of layers to remove, such as 0.1,0.2,0.3; rounded to whole layers.")
    private List<Double> ratios = List.of();

    @Option(
            names = "--layers",
            split = ",",
            paramLabel = "N",
            order = 2,
            description = "The numbers of layers of the results, instead of shares.")
    private List<Integer> layers = List.of();

    @Option(
            names = "--searches",
            split = ",",
            paramLabel = "NAME",
            order = 3,
            defaultValue = "runs,greedy,laco,shortgpt,angular,replaceme,sleb,last",
            description = "The searches; NAME+refit fits what NAME merged. Default: ${DEFAULT-VALUE}.")
    private List<String> searches;

    @Option(names = "--refit", order = 4, description = "Run the searches runs and greedy with a refit too.")
    private boolean refit;

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            order = 10,
            description = "The text of which every search sees the first tokens, and every fit those that follow. "
                    + "Default: ten sentences of laco's own.")
    private Path calibration;

    @Option(
            names = "--calibration-tokens",
            paramLabel = "N",
            order = 11,
            defaultValue = "2048",
            description = "How many tokens candidates are compared on. Default: ${DEFAULT-VALUE}.")
    private long calibrationTokens;

    @Option(
            names = "--refit-tokens",
            paramLabel = "N",
            order = 12,
            defaultValue = "12288",
            description = "How many tokens fits are made on. Default: ${DEFAULT-VALUE}.")
    private long refitTokens;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            order = 13,
            description = "A text on which the results' perplexity is measured; may be given several times.")
    private List<Path> texts = List.of();

    @Option(
            names = "--text-tokens",
            paramLabel = "N",
            order = 14,
            defaultValue = "6144",
            description = "How many tokens of each text are used. Default: ${DEFAULT-VALUE}.")
    private long textTokens;

    @Option(
            names = "--window",
            paramLabel = "TOKENS",
            order = 15,
            defaultValue = "128",
            description = "The length of the windows that texts are cut into. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--per-line",
            order = 16,
            description = "Take each line of calibration and texts for a document of its own, all of them.")
    private boolean perLine;

    @Option(
            names = "--choices",
            paramLabel = "FILE",
            order = 17,
            description = "Questions of multiple choice, as 'laco evaluate' takes them.")
    private Path choices;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            order = 18,
            description = "What the results are asked to go on with; may be given several times.")
    private List<String> prompts = List.of();

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        if (ratios.isEmpty() == layers.isEmpty()) {
            throw new ParameterException(command.commandLine(), "Give either --ratios or --layers");
        }
        ImmutableList<SweepMethod> methods = methods();
        Map<String, String> settings = settings();
        NativeLibraries.loadAhead();
        try (HfCheckpoint checkpoint = HfCheckpoint.open(source);
                Progress progress = report.progress()) {
            Sweep sweep = Sweep.open(inputs(checkpoint), target, settings, progress, progress::phase);
            List<SweepPoint> points =
                    sweep.run(methods, targets(checkpoint.model().layerCount()));
            progress.close();
            SweepReport.write(target, settings, points);
            SweepReport.table(points).forEach(row -> report.people().println(String.join("  ", row)));
            report.people().println("written to " + target.resolve("sweep.html"));
            if (report.json()) {
                report.program()
                        .println(MoreFiles.asCharSource(target.resolve("sweep.json"), StandardCharsets.UTF_8)
                                .read());
            }
        }
        return ExitCode.OK;
    }

    private ImmutableList<SweepMethod> methods() {
        Set<SweepMethod> methods = new LinkedHashSet<>();
        try {
            for (String name : searches) {
                SweepMethod method = SweepMethod.named(name);
                methods.add(method);
                if (refit && (name.equals("runs") || name.equals("greedy"))) {
                    methods.add(method.withRefit());
                }
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        return ImmutableList.copyOf(methods);
    }

    private List<Integer> targets(int modelLayers) {
        return layers.isEmpty()
                ? ratios.stream()
                        .map(ratio -> modelLayers - (int) Math.round(ratio * modelLayers))
                        .distinct()
                        .toList()
                : layers;
    }

    private SweepInputs inputs(HfCheckpoint checkpoint) throws IOException {
        Calibration all = calibration == null
                ? CalibrationFile.standard(checkpoint)
                : read(calibration, checkpoint, calibrationTokens + refitTokens);
        Calibration compared = first(all, calibrationTokens);
        int count = compared.layout().count();
        // Candidates are compared on other sequences than they are fitted to, where there are enough.
        Calibration fitted = all.layout().count() >= 2 * count
                ? Calibration.ofTokens(
                        sequences(all).subList(count, all.layout().count()))
                : all;
        List<SweepText> measured = new ArrayList<>();
        for (Path text : texts) {
            measured.add(new SweepText(text.getFileName().toString(), sequences(read(text, checkpoint, textTokens))));
        }
        return new SweepInputs(
                checkpoint,
                compared,
                Refit.ridge().calibration(fitted),
                measured,
                choices == null ? Optional.empty() : Optional.of(ChoiceFile.read(choices, checkpoint.tokenizer())),
                prompts);
    }

    private Calibration read(Path file, HfCheckpoint checkpoint, long tokens) throws IOException {
        return perLine
                ? CalibrationFile.read(file, checkpoint)
                : CalibrationFile.windows(file, checkpoint, window, tokens);
    }

    /** The first sequences of together so many tokens, one at least. */
    private static Calibration first(Calibration all, long tokens) {
        long rows = 0;
        int count = 0;
        while (count < all.layout().count()
                && (count == 0 || rows + all.layout().length(count) <= tokens)) {
            rows += all.layout().length(count);
            count++;
        }
        return Calibration.ofTokens(sequences(all).subList(0, count));
    }

    private static List<int[]> sequences(Calibration all) {
        return IntStream.range(0, all.layout().count()).mapToObj(all::tokens).toList();
    }

    /** What a point depends on besides its method and size. */
    private Map<String, String> settings() throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model", source.toRealPath().getFileName().toString());
        settings.put("calibration", calibration == null ? "standard" : describe(calibration));
        settings.put("calibration tokens", Long.toString(calibrationTokens));
        settings.put("refit tokens", Long.toString(refitTokens));
        settings.put("texts", describe(texts));
        settings.put("text tokens", Long.toString(textTokens));
        settings.put("cut", perLine ? "lines" : "windows of " + window);
        settings.put("choices", choices == null ? "none" : describe(choices));
        settings.put("prompts", String.join(" | ", prompts));
        return settings;
    }

    private static String describe(List<Path> files) throws IOException {
        List<String> described = new ArrayList<>();
        for (Path file : files) {
            described.add(describe(file));
        }
        return described.stream().collect(Collectors.joining(", "));
    }

    private static String describe(Path file) throws IOException {
        return file.getFileName() + " (sha256 "
                + MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString().substring(0, 12) + ")";
    }
}
