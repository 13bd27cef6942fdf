package org.laco.spark;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.laco.fit.Fit;
import org.laco.fit.FitAnswer;
import org.laco.fit.FitQuestion;
import org.laco.fit.FitWorkers;
import org.laco.plan.FittedTensor;
import org.laco.stack.Calibration;

/** Executors that compute the rows that a plan is fitted to. A share goes to the executor that has its hidden states. */
final class RemoteRows implements FitWorkers {
    private final Executors executors;
    private final SentPlans sent;
    private final Calibration sequences;
    private final Fit fit;
    private final Set<String> shares = new LinkedHashSet<>();
    private OptionalInt task = OptionalInt.empty();

    RemoteRows(Executors executors, SentPlans sent, Calibration sequences, Fit fit) {
        this.executors = executors;
        this.sent = sent;
        this.sequences = sequences;
        this.fit = fit;
    }

    @Override
    public int count() {
        return executors.count();
    }

    @Override
    public void ask(List<FitQuestion> questions, Consumer<FitAnswer> each) {
        if (task.isEmpty()) {
            task = OptionalInt.of(executors.send(new SpanTask(fit.calibration(sequences), 0).encode()));
        }
        List<Executors.Asked> asked = new ArrayList<>();
        for (FitQuestion question : questions) {
            Question encoded = Question.ofRows(question, task.getAsInt(), sent);
            asked.add(new Executors.Asked(encoded, kept(question)));
        }
        executors.ask(asked, answer -> each.accept(answer.rows().orElseThrow()));
    }

    /** Names what an executor keeps for a question; what all of them keep has no name. */
    private Optional<String> kept(FitQuestion question) {
        return switch (question.kind()) {
            case SUMS, ERRORS -> {
                String name = "batches " + question.share();
                shares.add(name);
                yield Optional.of(name);
            }
            case SAMPLE, SCORES -> Optional.empty();
        };
    }

    @Override
    public void take(FittedTensor weight) {
        sent.take(weight);
    }

    @Override
    public void forget(FittedTensor weight) {
        sent.forget(weight).ifPresent(executors::forget);
    }

    @Override
    public void close() {
        // What isn't told of the end lets go of the hidden states when it is asked something else.
        try {
            executors.ask(
                    shares.stream()
                            .map(name -> new Executors.Asked(Question.end(), Optional.of(name)))
                            .toList(),
                    answer -> {});
        } catch (ClusterException e) {
            // Then there is nobody left to tell.
        }
    }
}
