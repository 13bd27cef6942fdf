package org.laco.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Another process that runs laco from this build's classes, with the flags that the script passes. */
public final class ChildJvm {
    private ChildJvm() {}

    /** The class path of the tests. */
    public static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** A program of the JDK that runs the tests. */
    public static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    public static List<String> flags() {
        List<String> flags = new ArrayList<>(
                List.of("-Xmx512m", "-Dorg.bytedeco.javacpp.maxbytes=0", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
        if (Runtime.version().feature() >= 24) {
            flags.add("--enable-native-access=ALL-UNNAMED");
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return flags;
    }

    /** The command line of a laco command. */
    public static List<String> command(String classPath, Object... args) {
        List<String> command = new ArrayList<>(List.of(program("java")));
        command.addAll(flags());
        command.addAll(List.of("-cp", classPath, "org.laco.cli.Laco"));
        Stream.of(args).map(String::valueOf).forEach(command::add);
        return command;
    }

    /** Starts a command whose output goes to two files. */
    public static Process start(List<String> command, Path out, Path err) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        // The JVM announces this variable on standard error.
        Map<String, String> environment = builder.environment();
        environment.remove("JAVA_TOOL_OPTIONS");
        return builder.start();
    }

    /** When a process is to be killed. */
    @FunctionalInterface
    public interface Moment {
        boolean hasCome() throws IOException;
    }

    /**
     * Runs a laco command in a process that is killed at a moment, unless it ends before.
     *
     * @param directory where its output goes, to the files {@code stdout} and {@code stderr}
     */
    public static void kill(Moment moment, Path directory, Object... args) throws IOException, InterruptedException {
        Process process = start(command(classPath(), args), directory.resolve("stdout"), directory.resolve("stderr"));
        while (process.isAlive() && !moment.hasCome()) {
            Thread.sleep(1);
        }
        process.destroyForcibly();
        process.waitFor();
    }
}
