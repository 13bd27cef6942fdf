package org.laco.cli.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.laco.model.family.Families;
import org.laco.model.family.Family;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the kinds of models that can be collapsed. */
@Command(
        name = "families",
        mixinStandardHelpOptions = true,
        header = "List the model types that can be read, by the value of model_type in config.json,",
        description = "with notes, and what each type is checked against in laco's own tests.")
public final class FamiliesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        CheckedTypes checked = CheckedTypes.read();
        for (Family family : Families.all()) {
            out.printf("%-18s %s%n", family.name(), String.join(", ", family.modelTypes()));
            if (!family.notes().isEmpty()) {
                out.printf("%-18s %s%n", "", family.notes());
            }
            for (String type : family.modelTypes()) {
                out.printf("%-18s checked, %s: %s%n", "", type, checked.described(type));
            }
        }
        return ExitCode.OK;
    }
}
