package org.laco.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
    /** Runs a command in this process. */
    public static Run laco(Object... args) {
        return with(HubCache.of(Map.of(), Path.of("target", "nowhere")), args);
    }

    /** Runs a command in this process, for a user who has a cache of models. */
    public static Run with(HubCache cache, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Laco.commandLine(
                        new PrintWriter(out, true), new PrintWriter(err, true), new Surroundings(cache))
                .execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
        return new Run(exitCode, out.toString(), err.toString());
    }

    /** Parses the output, which has to be one JSON value and nothing else. */
    public JsonNode json() throws IOException {
        return JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build()
                .readTree(out);
    }
}
