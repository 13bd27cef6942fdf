package org.laco.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.laco.io.HubCache;

/**
 * What a command did.
 *
 * @param exitCode its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
public record Run(int exitCode, String out, String err) {
    private static final HubCache NO_CACHE = HubCache.of(Map.of(), Path.of("target", "nowhere"));

    /** Runs a command in this process. */
    public static Run laco(Object... args) {
        return with(NO_CACHE, args);
    }

    /** What surrounds a command of a user who has no cache of models and types nothing. */
    static Surroundings surroundings() {
        return new Surroundings(NO_CACHE, InputStream.nullInputStream());
    }

    /** Runs a command in this process, for a user who has a cache of models. */
    public static Run with(HubCache cache, Object... args) {
        return run(new Surroundings(cache, InputStream.nullInputStream()), args);
    }

    /** Runs a command in this process, with something on its standard input. */
    public static Run reading(InputStream input, Object... args) {
        return run(new Surroundings(NO_CACHE, input), args);
    }

    private static Run run(Surroundings made, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try (Surroundings surroundings = made) {
            int exitCode = Laco.execute(
                    Laco.commandLine(new PrintWriter(out, true), new PrintWriter(err, true), surroundings),
                    Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
            return new Run(exitCode, out.toString(), err.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses the output, which has to be one JSON value and nothing else. */
    public JsonNode json() throws IOException {
        return JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build()
                .readTree(out);
    }
}
