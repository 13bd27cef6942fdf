package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ErrorReportTest {
    @Test
    void saysThatMemoryIsShortWhateverFailsForWantOfIt() {
        String expected = "not enough memory: Java heap space (LACO_JAVA_OPTS=-Xmx… raises the heap's limit)";
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");
        assertThat(ErrorReport.message(error)).isEqualTo(expected);
        assertThat(ErrorReport.message(new CompletionException(error))).isEqualTo(expected);
        assertThat(ErrorReport.message(new ExceptionInInitializerError(error))).isEqualTo(expected);
        NoClassDefFoundError later = new NoClassDefFoundError("Could not initialize class org.example.Some");
        later.initCause(new ExceptionInInitializerError(
                "Exception java.lang.OutOfMemoryError: Java heap space [in thread \"main\"]"));
        assertThat(ErrorReport.message(later)).isEqualTo(expected);
    }

    @Test
    void cutsTheMiddleOfALongLine() {
        String message =
                ErrorReport.message(new IOException("model.safetensors: " + "x".repeat(99_000_000) + ", do that"));
        assertThat(message)
                .startsWith("model.safetensors: xxx")
                .endsWith("xxx, do that")
                .hasSizeLessThan(510);
    }

    @Test
    void givesNoNamesOfExceptions() {
        assertThat(ErrorReport.message(new IllegalStateException("closed")))
                .isEqualTo("unexpected error (illegal state): closed; --stacktrace tells where");
        assertThat(ErrorReport.message(new NullPointerException())).doesNotContain("Exception");
    }

    @Test
    void remembersThatStandardOutputFailed() {
        StandardOutput full = new StandardOutput(new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        });
        new PrintWriter(full, true).println("a result");
        assertThat(full.failure()).contains("No space left on device");
        assertThat(new StandardOutput(OutputStream.nullOutputStream()).failure())
                .isEmpty();
    }
}
