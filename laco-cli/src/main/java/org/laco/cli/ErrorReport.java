package org.laco.cli;

import com.google.common.base.CharMatcher;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.laco.CollapseCancelledException;
import org.laco.cli.report.Advice;
import org.laco.kernel.MissingBackendException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Says what went wrong in one line, and turns it into an exit code. */
final class ErrorReport implements IExecutionExceptionHandler {
    static final int INTERRUPTED = 130;

    private static final int LONGEST = 500;

    /** A heap in which not even the libraries find room. */
    private static final long LITTLE = 64L << 20;

    private final BooleanSupplier stacktrace;
    private final Surroundings surroundings;

    ErrorReport(BooleanSupplier stacktrace, Surroundings surroundings) {
        this.stacktrace = stacktrace;
        this.surroundings = surroundings;
    }

    /** Runs the command after what its arguments stand for was fetched; what isn't an exception, such as too little memory, is reported like one. */
    int guard(ParseResult parsed) {
        try {
            if (parsed.asCommandLineList().stream().noneMatch(CommandLine::isUsageHelpRequested)) {
                surroundings.prepare();
            }
            return new RunLast().execute(parsed);
        } catch (IOException | OutOfMemoryError | LinkageError e) {
            return report(e, parsed.commandSpec().commandLine());
        }
    }

    /** Reports a wrong argument. */
    int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        Optional<String> unknown = UnknownNames.explain(e, Arrays.asList(args));
        err.println("laco: " + oneLine(unknown.orElse(String.valueOf(e.getMessage()))));
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, command);
    }

    private int report(Throwable error, CommandLine command) {
        if (stacktrace.getAsBoolean()) {
            error.printStackTrace(command.getErr());
        }
        boolean interrupted = isInterruption(error);
        String line = surroundings.withNames(interrupted ? interruption(error) : message(error));
        command.getErr()
                .println("laco: "
                        + Advice.of(error)
                                .map(advice -> oneLine(line + "; " + advice))
                                .orElse(line));
        return interrupted ? INTERRUPTED : ExitCode.SOFTWARE;
    }

    private static boolean isInterruption(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .anyMatch(
                        cause -> cause instanceof CancellationException || cause instanceof ClosedByInterruptException);
    }

    private static String interruption(Throwable error) {
        return error instanceof CollapseCancelledException
                ? error.getMessage() + ", nothing was written"
                : "interrupted";
    }

    /** Says in one line what went wrong. */
    static String message(Throwable error) {
        if (isWantOfMemory(error)) {
            return oneLine("not enough memory: " + want(error) + " (LACO_JAVA_OPTS=-Xmx… raises the heap's limit)");
        }
        if (error instanceof UncheckedIOException || error instanceof CompletionException) {
            return error.getCause() == null ? oneLine(plain(error)) : message(error.getCause());
        }
        if (error instanceof FileSystemException e) {
            return oneLine(e.getFile() + ": " + reason(e));
        }
        boolean expected = error instanceof IOException
                || error instanceof IllegalArgumentException
                || error instanceof ArithmeticException
                || error instanceof UnsupportedOperationException
                || error instanceof MissingBackendException;
        return oneLine(expected && error.getMessage() != null ? error.getMessage() : plain(error));
    }

    /** A class that couldn't be loaded for want of memory is missing ever after, and nothing but the heap's limit may tell why. */
    private static boolean isWantOfMemory(Throwable error) {
        boolean little = Runtime.getRuntime().maxMemory() < LITTLE;
        return Throwables.getCausalChain(error).stream()
                .anyMatch(cause -> cause instanceof OutOfMemoryError
                        || cause instanceof LinkageError
                                && (little || String.valueOf(cause.getMessage()).contains("OutOfMemoryError")));
    }

    private static String want(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .filter(OutOfMemoryError.class::isInstance)
                .map(cause -> String.valueOf(cause.getMessage()))
                .findFirst()
                .orElse("Java heap space");
    }

    /** What wasn't foreseen keeps its kind, in words, for whoever is told of it. */
    private static String plain(Throwable error) {
        String kind = error instanceof LinkageError ? "a part of the program can't be loaded" : "unexpected error";
        String name = error.getClass()
                .getSimpleName()
                .replaceAll("(Exception|Error)$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT);
        return kind + " (" + name + ")" + (error.getMessage() == null ? "" : ": " + error.getMessage())
                + "; --stacktrace tells where";
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }

    /** Leaves the ends of a text that is too long for a terminal: the beginning names the file, the end what to do. */
    private static String oneLine(String text) {
        String line = CharMatcher.javaIsoControl().trimAndCollapseFrom(text, ' ');
        return line.length() <= LONGEST
                ? line
                : line.substring(0, LONGEST * 2 / 3) + " … " + line.substring(line.length() - LONGEST / 3);
    }
}
