package org.laco.cli.option;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.laco.io.ChoiceFile;
import org.laco.io.Tokenizer;
import org.laco.measure.ChoiceItem;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which questions of multiple choice are asked. */
public final class QuestionOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--choices",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 22,
            description =
                    "JSON lines of {\"context\": …, \"choices\": […], \"answer\": 0}. The choice with the highest "
                            + "log-likelihood after the context is the model's answer.")
    private Path choices;

    @Option(
            names = "--tasks",
            paramLabel = "DIR",
            order = 23,
            description =
                    "A directory of tasks: each file that ends in .jsonl holds one task's questions, as --choices "
                            + "takes them. Prints a row a task, and their mean.")
    private Path tasks;

    @Option(
            names = "--limit",
            paramLabel = "N",
            order = 24,
            description = "Ask the first N questions of each file only. Default: all.")
    private Integer limit;

    /**
     * Checks that the options go together.
     *
     * @throws ParameterException if they don't
     */
    public void check() {
        if (limit != null && limit < 1) {
            throw new ParameterException(command.commandLine(), "'--limit' is " + limit + ", expected at least 1");
        }
        if (limit != null) {
            require("--limit");
        }
    }

    /**
     * Checks that there are questions that another option is about.
     *
     * @param option the option's name
     * @throws ParameterException if there are none
     */
    public void require(String option) {
        if (choices == null && tasks == null) {
            throw new ParameterException(command.commandLine(), "'" + option + "' needs '--choices' or '--tasks'");
        }
    }

    /**
     * Returns whether a file of questions was named.
     *
     * @return whether there is one
     */
    public boolean hasChoices() {
        return choices != null;
    }

    /**
     * Returns whether a directory of tasks was named.
     *
     * @return whether there is one
     */
    public boolean hasTasks() {
        return tasks != null;
    }

    /**
     * Reads the file of questions.
     *
     * @param tokenizer the model's tokenizer
     * @return the questions that are asked
     * @throws IOException if the file can't be read
     */
    public ImmutableList<ChoiceItem> choices(Tokenizer tokenizer) throws IOException {
        return first(ChoiceFile.read(choices, tokenizer));
    }

    /**
     * Reads the files of the tasks.
     *
     * @param tokenizer the model's tokenizer
     * @return the questions that are asked by the task's name
     * @throws IOException if a file can't be read, or there is none
     */
    public ImmutableMap<String, ImmutableList<ChoiceItem>> tasks(Tokenizer tokenizer) throws IOException {
        ImmutableMap.Builder<String, ImmutableList<ChoiceItem>> some = ImmutableMap.builder();
        ChoiceFile.readAll(tasks, tokenizer).forEach((name, items) -> some.put(name, first(items)));
        return some.buildOrThrow();
    }

    /**
     * Adds what answers depend on.
     *
     * @param settings what is added to, by names that stay the same
     * @throws IOException if a file can't be read
     */
    void describe(Map<String, String> settings) throws IOException {
        settings.put("choices", choices == null ? "none" : DescribedFile.of(choices) + ", encoded with their contexts");
        settings.put("tasks", tasks == null ? "none" : DescribedFile.of(ChoiceFile.files(tasks)));
        settings.put("questions", limit == null ? "all" : "the first " + limit);
    }

    private ImmutableList<ChoiceItem> first(List<ChoiceItem> items) {
        return ImmutableList.copyOf(limit == null ? items : items.subList(0, Math.min(limit, items.size())));
    }
}
