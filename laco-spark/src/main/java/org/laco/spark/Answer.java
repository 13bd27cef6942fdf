package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.laco.fit.FitAnswer;
import org.laco.fit.FitCost;
import org.laco.io.ScoreJson;
import org.laco.measure.Score;

/**
 * What an executor made of a task.
 *
 * @param scores the scores of the plans, none if there is a failure
 * @param passes what it took
 * @param cost what the fits of a task with fits have cost on that executor until then
 * @param plans the encoded plans with the weights that were asked for
 * @param weights the encoded weights, by their numbers in the plans
 * @param rows what the rows say that a plan is fitted to
 * @param failure what is wrong with the model or what was asked for, which would fail everywhere
 * @param place where Spark would find what the executor has kept
 */
record Answer(
        ImmutableList<Score> scores,
        ImmutableList<LayerPass> passes,
        Optional<FitCost> cost,
        ImmutableList<JsonNode> plans,
        ImmutableList<byte[]> weights,
        Optional<FitAnswer> rows,
        Optional<Failure> failure,
        String place) {
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
        return new Answer(
                ImmutableList.of(),
                ImmutableList.of(),
                Optional.empty(),
                ImmutableList.of(),
                ImmutableList.of(),
                Optional.empty(),
                Optional.of(failure),
                "");
    }

    static Answer ofScores(ImmutableList<Score> scores, ImmutableList<LayerPass> passes, Optional<FitCost> cost) {
        return new Answer(
                scores, passes, cost, ImmutableList.of(), ImmutableList.of(), Optional.empty(), Optional.empty(), "");
    }

    static Answer ofRows(FitAnswer rows) {
        return new Answer(
                ImmutableList.of(),
                ImmutableList.of(),
                Optional.empty(),
                ImmutableList.of(),
                ImmutableList.of(),
                Optional.of(rows),
                Optional.empty(),
                "");
    }

    static Answer ofPlans(
            ImmutableList<JsonNode> plans,
            ImmutableList<byte[]> weights,
            ImmutableList<LayerPass> passes,
            Optional<FitCost> cost) {
        return new Answer(ImmutableList.of(), passes, cost, plans, weights, Optional.empty(), Optional.empty(), "");
    }

    Answer from(String where) {
        return new Answer(scores, passes, cost, plans, weights, rows, failure, where);
    }

    /** A line of JSON, the numbers of rows, and weights. */
    byte[] encode() {
        ObjectNode node = Message.object();
        failure.ifPresent(
                failed -> node.put("failed", failed.kind().name()).put("message", String.valueOf(failed.message())));
        node.put("place", place);
        ArrayNode encoded = node.putArray("scores");
        scores.forEach(score -> ScoreJson.encode(score, encoded.addObject()));
        ArrayNode layers = node.putArray("passes");
        passes.forEach(pass ->
                layers.addArray().add(pass.layer()).add(pass.candidates()).add(pass.bytes()));
        cost.ifPresent(fits -> node.put("millis", fits.time().toMillis())
                .put("solutions", fits.solutions())
                .put("tokens", fits.tokens())
                .put("bytes", fits.bytes()));
        node.putArray("plans").addAll(plans);
        ArrayNode lengths = node.putArray("weights");
        weights.forEach(weight -> lengths.add(weight.length));
        rows.ifPresent(said -> node.put("numbers", said.numbers().length)
                .put("stateBytes", said.stateBytes())
                .put("batchBytes", said.batchBytes()));
        byte[] head = (node + "\n").getBytes(StandardCharsets.UTF_8);
        double[] numbers = rows.map(FitAnswer::numbers).orElse(new double[0]);
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(head.length
                + (long) numbers.length * Double.BYTES
                + weights.stream().mapToLong(weight -> weight.length).sum()));
        all.put(head).asDoubleBuffer().put(numbers);
        all.position(all.position() + numbers.length * Double.BYTES);
        weights.forEach(all::put);
        return all.array();
    }

    static Answer decode(byte[] encoded) {
        int end = Bytes.indexOf(encoded, (byte) '\n');
        JsonNode node = Message.read(new String(encoded, 0, end, StandardCharsets.UTF_8));
        ByteBuffer payload = ByteBuffer.wrap(encoded, end + 1, encoded.length - end - 1);
        Optional<FitAnswer> rows = Optional.empty();
        if (node.has("numbers")) {
            double[] numbers = new double[node.get("numbers").intValue()];
            payload.asDoubleBuffer().get(numbers);
            payload.position(payload.position() + numbers.length * Double.BYTES);
            rows = Optional.of(new FitAnswer(
                    numbers,
                    node.get("stateBytes").longValue(),
                    node.get("batchBytes").longValue()));
        }
        ImmutableList.Builder<byte[]> weights = ImmutableList.builder();
        node.get("weights").forEach(length -> {
            byte[] weight = new byte[length.intValue()];
            payload.get(weight);
            weights.add(weight);
        });
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
                ImmutableList.copyOf(node.get("plans")),
                weights.build(),
                rows,
                node.has("failed")
                        ? Optional.of(new Failure(
                                Failure.Kind.valueOf(node.get("failed").asText()),
                                node.get("message").asText()))
                        : Optional.empty(),
                node.get("place").asText());
    }
}
