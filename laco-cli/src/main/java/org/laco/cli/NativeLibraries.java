package org.laco.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Collections;
import java.util.List;
import org.laco.kernel.Kernels;

/** The native libraries of the arithmetic, a third of a second of loading that reading options and opening a checkpoint can hide. */
final class NativeLibraries {
    private static final ImmutableSet<String> COMPUTING =
            ImmutableSet.of("collapse", "heal", "apply", "evaluate", "generate", "sweep", "similarity");
    private static final ImmutableList<String> HELP = ImmutableList.of("-h", "--help", "-V", "--version");

    private NativeLibraries() {}

    /**
     * Begins to load them if a command line, which is not parsed yet, seems to need them. If that fails, whoever needs them first finds
     * out.
     */
    static void loadAheadOf(List<String> arguments) {
        if (!areNeededBy(arguments)) {
            return;
        }
        Thread loader = new Thread(
                () -> {
                    try {
                        Kernels.ofBackend().close();
                    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
                        // Told where the arithmetic is used, by the thread that can report it.
                    }
                },
                "native-libraries");
        loader.setDaemon(true);
        loader.start();
    }

    /** Guesses from the command's name; a command alone is a mistake or a question, and so is one with a flag for help. */
    static boolean areNeededBy(List<String> arguments) {
        return arguments.size() > 1 && COMPUTING.contains(arguments.get(0)) && Collections.disjoint(arguments, HELP);
    }
}
