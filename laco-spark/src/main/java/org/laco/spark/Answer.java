package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.laco.fit.FitCost;
import org.laco.io.ScoreJson;
import org.laco.measure.Score;

/**
 * What an executor made of a task.
 *
 * @param scores the scores of the plans, none if there is a failure
 * @param passes what it took
 * @param cost what the fits of a task with fits have cost on that executor until then
 * @param failure what is wrong with the model or what was asked for, which would fail everywhere
 */
record Answer(
        ImmutableList<Score> scores,
        ImmutableList<LayerPass> passes,
        Optional<FitCost> cost,
        Optional<Failure> failure) {
    /** A layer that was read, or run for a number of candidates. */
    record LayerPass(int layer, int candidates, long bytes) {}

    /**
     * What laco would have said on one machine.
     *
     * @param kind the kind of exception
     * @param message its message
     */
    record Failure(Kind kind, String message) {
        enum Kind {
            ARITHMETIC,
            ARGUMENT,
            UNSUPPORTED,
            IO
        }

        /** Returns empty for what another executor might do better. */
        static Optional<Failure> of(Throwable error) {
            if (error instanceof ArithmeticException) {
                return Optional.of(new Failure(Kind.ARITHMETIC, error.getMessage()));
            }
            if (error instanceof IllegalArgumentException) {
                return Optional.of(new Failure(Kind.ARGUMENT, error.getMessage()));
            }
            if (error instanceof UnsupportedOperationException) {
                return Optional.of(new Failure(Kind.UNSUPPORTED, error.getMessage()));
            }
            if (error instanceof IOException || error instanceof UncheckedIOException) {
                return Optional.of(new Failure(Kind.IO, error.getMessage()));
            }
            return Optional.empty();
        }

        RuntimeException exception() {
            return switch (kind) {
                case ARITHMETIC -> new ArithmeticException(message);
                case ARGUMENT -> new IllegalArgumentException(message);
                case UNSUPPORTED -> new UnsupportedOperationException(message);
                case IO -> new UncheckedIOException(new IOException(message));
            };
        }
    }

    static Answer failed(Failure failure) {
        return new Answer(ImmutableList.of(), ImmutableList.of(), Optional.empty(), Optional.of(failure));
    }

    String encode() {
        ObjectNode node = Message.object();
        failure.ifPresent(
                failed -> node.put("failed", failed.kind().name()).put("message", String.valueOf(failed.message())));
        ArrayNode encoded = node.putArray("scores");
        scores.forEach(score -> ScoreJson.encode(score, encoded.addObject()));
        ArrayNode layers = node.putArray("passes");
        passes.forEach(pass ->
                layers.addArray().add(pass.layer()).add(pass.candidates()).add(pass.bytes()));
        cost.ifPresent(fits -> node.put("millis", fits.time().toMillis())
                .put("solutions", fits.solutions())
                .put("tokens", fits.tokens())
                .put("bytes", fits.bytes()));
        return node.toString();
    }

    static Answer decode(String encoded) {
        JsonNode node = Message.read(encoded);
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        node.get("scores").forEach(score -> scores.add(ScoreJson.decode(score)));
        ImmutableList.Builder<LayerPass> passes = ImmutableList.builder();
        node.get("passes")
                .forEach(pass -> passes.add(new LayerPass(
                        pass.get(0).intValue(),
                        pass.get(1).intValue(),
                        pass.get(2).longValue())));
        return new Answer(
                scores.build(),
                passes.build(),
                node.has("solutions")
                        ? Optional.of(new FitCost(
                                Duration.ofMillis(node.get("millis").longValue()),
                                node.get("solutions").intValue(),
                                node.get("tokens").longValue(),
                                node.get("bytes").longValue()))
                        : Optional.empty(),
                node.has("failed")
                        ? Optional.of(new Failure(
                                Failure.Kind.valueOf(node.get("failed").asText()),
                                node.get("message").asText()))
                        : Optional.empty());
    }
}
