package org.laco.spark;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * What an executor keeps between tasks, within the memory that it was told of; and in the process of a driver that runs its executors
 * itself.
 *
 * <p>Spark gives a task nothing that outlives it, so that this hangs on the class.
 */
final class Workplaces {
    private static final Workplaces OF_THIS_PROCESS = new Workplaces();

    /** The one that was used last is at the end. */
    private final Map<String, Workplace> kept = new LinkedHashMap<>(16, 0.75f, true);

    private Workplaces() {}

    static Workplaces ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    /**
     * Answers a question, one at a time.
     *
     * @param subject the encoded subject
     * @param question the question
     * @param sent what was sent, by its number
     * @param stopped whether nobody waits for the answer any more
     */
    synchronized Answer answer(String subject, Question question, IntFunction<byte[]> sent, BooleanSupplier stopped) {
        Workplace place = kept.get(subject);
        if (place == null) {
            Subject wanted = Subject.decode(subject);
            makeRoom(wanted);
            try {
                place = Workplace.open(wanted);
            } catch (Exception e) {
                return Answer.Failure.of(e).map(Answer::failed).orElseThrow(() -> unforeseen(e));
            }
            kept.put(subject, place);
        }
        try {
            return place.answer(question, sent, stopped);
        } catch (CancellationException e) {
            // As of a task that was faster elsewhere: what was opened is as good as before.
            place.forget();
            throw e;
        } catch (RuntimeException | Error e) {
            // Whatever it was, the next task begins anew.
            kept.remove(subject);
            place.close();
            // What can't be read may be readable elsewhere, or in a while.
            return Answer.Failure.of(e)
                    .filter(failure -> failure.kind() != Answer.Failure.Kind.IO)
                    .map(Answer::failed)
                    .orElseThrow(() -> unforeseen(e));
        }
    }

    private void makeRoom(Subject wanted) {
        long taken = kept.values().stream()
                .mapToLong(place -> place.subject().need())
                .sum();
        for (Iterator<Workplace> places = kept.values().iterator(); places.hasNext(); ) {
            Workplace oldest = places.next();
            if (taken + wanted.need() > wanted.memory()) {
                taken -= oldest.subject().need();
                places.remove();
                oldest.close();
            }
        }
    }

    private static RuntimeException unforeseen(Throwable error) {
        if (error instanceof Error fatal) {
            throw fatal;
        }
        return error instanceof RuntimeException plain ? plain : new IllegalStateException(error);
    }

    /** Closes everything. */
    synchronized void clear() {
        kept.values().forEach(Workplace::close);
        kept.clear();
    }
}
