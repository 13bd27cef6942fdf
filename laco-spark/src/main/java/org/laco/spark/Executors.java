package org.laco.spark;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Asks the executors, and hands on their answers in the order of the questions. */
final class Executors implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final long MOST_MILLIS = 5000;

    private final JavaSparkContext context;
    private final Broadcast<String> subject;
    private final HashMap<Integer, Broadcast<byte[]>> sent = new HashMap<>();
    private int sentUntilNow;
    /** Where what has a name is kept, as Spark names executors. */
    private final Map<String, String> places = new HashMap<>();

    Executors(SparkContext context, Subject subject) {
        this.context = JavaSparkContext.fromSparkContext(context);
        String encoded = subject.encode();
        this.subject = asked(() -> this.context.broadcast(encoded));
    }

    /** Asks something of Spark, whose context may have been stopped, as when no executor can be had. */
    private static <T> T asked(Supplier<T> request) {
        try {
            return request.get();
        } catch (IllegalStateException e) {
            throw ClusterException.of(e);
        }
    }

    /** Sends bytes to whichever executor will ask for them, and returns their number. */
    int send(byte[] bytes) {
        int number = sentUntilNow++;
        sent.put(number, asked(() -> context.broadcast(bytes)));
        return number;
    }

    /** Frees what was sent, which no question is about any more. */
    void forget(int number) {
        Broadcast<byte[]> freed = sent.remove(number);
        if (!context.sc().isStopped()) {
            freed.destroy();
        }
    }

    /** Returns how many executors there are, at least one. */
    int count() {
        // The driver is among them.
        return Math.max(1, context.sc().getExecutorMemoryStatus().size() - 1);
    }

    /**
     * A question, and what makes an executor the best to answer it.
     *
     * @param question the question
     * @param kept the name of what the executor that answers will have kept, and may have kept of an earlier question
     */
    record Asked(Question question, Optional<String> kept) {
        static Asked anywhere(Question question) {
            return new Asked(question, Optional.empty());
        }
    }

    /**
     * The answer to a question.
     *
     * @param number the question's number
     * @param encoded the answer
     */
    @SuppressWarnings("ArrayRecordComponent") // It only carries the bytes.
    private record Received(int number, byte[] encoded) {}

    /**
     * Asks questions, all at once.
     *
     * @param questions the questions
     * @param each receives the answers in their order on this thread, each as soon as those before it are there
     * @throws ClusterException if Spark gave up on a task
     * @throws CancellationException if the thread is interrupted
     */
    void ask(List<Asked> questions, Consumer<Answer> each) {
        if (questions.isEmpty()) {
            return;
        }
        BlockingQueue<Received> received = new LinkedBlockingQueue<>();
        SimpleFutureAction<Object> job = asked(() -> submit(questions, received));
        Iterator<Asked> next = questions.iterator();
        try {
            handOn(questions.size(), received, job, answer -> {
                next.next().kept().ifPresent(kept -> places.put(kept, answer.place()));
                each.accept(answer);
            });
        } catch (InterruptedException e) {
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        } finally {
            if (!job.isCompleted()) {
                cancel(job);
            }
        }
    }

    /** Makes a task of each question, which Spark gives to the executor that it prefers unless that is lost or busy for long. */
    private RDD<String> tasks(List<Asked> questions) {
        List<Tuple2<String, Seq<String>>> located = questions.stream()
                .map(asked -> new Tuple2<>(
                        asked.question().encode(),
                        CollectionConverters.asScala(asked.kept().map(places::get).stream()
                                        .filter(Objects::nonNull)
                                        .toList())
                                .toSeq()))
                .toList();
        return context.sc()
                .makeRDD(CollectionConverters.asScala(located).toSeq(), ClassTag$.MODULE$.apply(String.class));
    }

    private SimpleFutureAction<Object> submit(List<Asked> questions, BlockingQueue<Received> received) {
        return context.sc()
                .submitJob(
                        tasks(questions),
                        new Work(subject, new HashMap<>(sent)),
                        CollectionConverters.asScala(IntStream.range(0, questions.size())
                                        .<Object>mapToObj(Integer::valueOf)
                                        .toList())
                                .toSeq(),
                        (number, answer) -> {
                            received.add(new Received((Integer) number, answer));
                            return BoxedUnit.UNIT;
                        },
                        () -> null);
    }

    /** Cancels a job, and waits a while for the end of it: what its tasks were sent is freed next. */
    private static void cancel(SimpleFutureAction<Object> job) {
        job.cancel();
        for (long waited = 0; waited < MOST_MILLIS && !job.isCompleted(); waited += POLL_MILLIS / 10) {
            Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(POLL_MILLIS / 10));
        }
    }

    private static void handOn(
            int count, BlockingQueue<Received> received, SimpleFutureAction<Object> job, Consumer<Answer> each)
            throws InterruptedException {
        Map<Integer, byte[]> early = new HashMap<>();
        int next = 0;
        while (next < count) {
            boolean ended = job.isCompleted();
            Received one = received.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (one == null) {
                if (ended) {
                    throw ClusterException.of(job.value().get().failed().get());
                }
                continue;
            }
            early.put(one.number(), one.encoded());
            for (byte[] answer = early.remove(next); answer != null; answer = early.remove(next)) {
                next++;
                Answer decoded = Answer.decode(answer);
                decoded.failure().ifPresent(failure -> {
                    throw failure.exception();
                });
                each.accept(decoded);
            }
        }
    }

    @Override
    public void close() {
        List<Broadcast<?>> all = new ArrayList<>(sent.values());
        all.add(subject);
        // Without waiting: a context that has been stopped has nothing left to free.
        if (!context.sc().isStopped()) {
            all.forEach(one -> one.destroy());
        }
        if (context.isLocal()) {
            Workplaces.ofThisProcess().clear();
        }
    }
}
