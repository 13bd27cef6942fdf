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
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.laco.CollapseCancelledException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong in one line, and turns it into an exit code. */
final class ErrorReport implements IExecutionExceptionHandler {
    static final int INTERRUPTED = 130;

    private final BooleanSupplier stacktrace;

    ErrorReport(BooleanSupplier stacktrace) {
        this.stacktrace = stacktrace;
    }

    /** Runs the command; what isn't an exception, such as too little memory, is reported like one. */
    int guard(ParseResult parsed) {
        try {
            return new RunLast().execute(parsed);
        } catch (OutOfMemoryError | LinkageError e) {
            return report(e, parsed.commandSpec().commandLine());
        }
    }

    /** Reports a wrong argument. */
    int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("laco: " + oneLine(String.valueOf(e.getMessage())));
        UnmatchedArgumentException.printSuggestions(e, err);
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
        command.getErr().println("laco: " + (interrupted ? interruption(error) : message(error)));
        return interrupted ? INTERRUPTED : ExitCode.SOFTWARE;
    }

    private static boolean isInterruption(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .anyMatch(cause -> cause instanceof CollapseCancelledException
                        || cause instanceof CancellationException
                        || cause instanceof ClosedByInterruptException);
    }

    private static String interruption(Throwable error) {
        return error instanceof CollapseCancelledException
                ? error.getMessage() + ", nothing was written"
                : "interrupted";
    }

    private static String message(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            return "not enough memory: " + oneLine(String.valueOf(error.getMessage()))
                    + " (LACO_JAVA_OPTS=-Xmx… raises the heap's limit)";
        }
        if (error instanceof UncheckedIOException unchecked) {
            return message(unchecked.getCause());
        }
        if (error instanceof FileSystemException e) {
            return oneLine(e.getFile() + ": " + reason(e));
        }
        boolean expected = error instanceof IOException
                || error instanceof IllegalArgumentException
                || error instanceof ArithmeticException;
        return oneLine(expected && error.getMessage() != null ? error.getMessage() : error.toString());
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

    private static String oneLine(String text) {
        return CharMatcher.javaIsoControl().trimAndCollapseFrom(text, ' ');
    }
}
