package org.laco.examples.cli;

import org.laco.kernel.Kernels;

/** The native libraries of the arithmetic, a third of a second of loading that opening a checkpoint can hide. */
final class NativeLibraries {
    private NativeLibraries() {}

    /** Begins to load them. If that fails, whoever needs them first finds out. */
    static void loadAhead() {
        Thread loader = new Thread(
                () -> {
                    try {
                        Kernels.ofBackend();
                    } catch (RuntimeException | LinkageError e) {
                        // Told where the arithmetic is used, by the thread that can report it.
                    }
                },
                "native-libraries");
        loader.setDaemon(true);
        loader.start();
    }
}
