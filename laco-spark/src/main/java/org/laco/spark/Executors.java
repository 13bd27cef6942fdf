package org.laco.spark;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Asks the executors, and hands on their answers in the order of the questions. */
final class Executors implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final long MOST_MILLIS = 5000;

    private final JavaSparkContext context;
    private final Broadcast<String> subject;
    private final HashMap<Integer, Broadcast<byte[]>> sent = new HashMap<>();

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
        int number = sent.size();
        sent.put(number, asked(() -> context.broadcast(bytes)));
        return number;
    }

    /**
     * The answer to a question.
     *
     * @param number the question's number
     * @param encoded the answer
     */
    private record Received(int number, String encoded) {}

    /**
     * Asks questions, all at once.
     *
     * @param questions the questions
     * @param each receives the answers in their order on this thread, each as soon as those before it are there
     * @throws ClusterException if Spark gave up on a task
     * @throws CancellationException if the thread is interrupted
     */
    void ask(List<Question> questions, Consumer<Answer> each) {
        if (questions.isEmpty()) {
            return;
        }
        List<String> encoded = questions.stream().map(Question::encode).toList();
        BlockingQueue<Received> received = new LinkedBlockingQueue<>();
        SimpleFutureAction<Object> job = asked(() -> submit(encoded, received));
        try {
            handOn(encoded.size(), received, job, each);
        } catch (InterruptedException e) {
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        } finally {
            if (!job.isCompleted()) {
                cancel(job);
            }
        }
    }

    private SimpleFutureAction<Object> submit(List<String> questions, BlockingQueue<Received> received) {
        return context.sc()
                .submitJob(
                        context.parallelize(questions, questions.size()).rdd(),
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
        Map<Integer, String> early = new HashMap<>();
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
            for (String answer = early.remove(next); answer != null; answer = early.remove(next)) {
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
