package org.laco.cli.option;

import org.laco.fit.Fit;
import picocli.CommandLine.Option;

/** How fits are made, wherever they are made. A superclass, since picocli knows no mixins within groups. */
class FitOptions {
    @Option(
            names = "--refit-tokens",
            paramLabel = "N",
            order = 27,
            defaultValue = "12288",
            description = "How many tokens of a text fits are made on at most. Default: ${DEFAULT-VALUE}.")
    private long tokens;

    @Option(
            names = "--refit-tokens-per-input",
            paramLabel = "N",
            order = 29,
            defaultValue = "4",
            description =
                    "How many tokens there have to be for each input of a fitted weight; with fewer, a refit is refused. "
                            + "0 refuses none. Default: ${DEFAULT-VALUE}.")
    private int tokensPerInput;

    @Option(
            names = "--refit-repairs",
            order = 30,
            description =
                    "Fit the layers above the lowest merged one too, attention's output projection and the last map of each. "
                            + "Give at least forty tokens for each unit of the inner width.")
    private boolean repairs;

    /** Returns how many tokens of a text fits are made on. */
    long tokens() {
        return tokens;
    }

    /** Returns the fit of whole maps with these options. */
    Fit ridge() {
        return with(Fit.ridge());
    }

    /** Returns a fit with these options. */
    Fit with(Fit fit) {
        return fit.repairs(repairs).tokensPerInput(tokensPerInput);
    }
}
