package org.laco.spark;

import java.io.Serializable;
import java.util.HashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** What Spark runs on an executor: one encoded question, for its encoded answer. */
final class Work extends AbstractFunction1<Iterator<String>, byte[]> implements Serializable {
    private static final long serialVersionUID = 1;

    private final Broadcast<String> subject;
    private final HashMap<Integer, Broadcast<byte[]>> sent;

    Work(Broadcast<String> subject, HashMap<Integer, Broadcast<byte[]>> sent) {
        this.subject = subject;
        this.sent = sent;
    }

    @Override
    public byte[] apply(Iterator<String> questions) {
        return Workplaces.ofThisProcess()
                .answer(
                        subject.value(),
                        Question.decode(questions.next()),
                        number -> sent.get(number).value(),
                        TaskContext.get()::isInterrupted)
                .encode();
    }
}
