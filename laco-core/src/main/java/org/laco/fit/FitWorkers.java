package org.laco.fit;

import java.util.List;
import java.util.function.Consumer;
import org.laco.base.Internal;
import org.laco.plan.FittedTensor;

/** Others that compute parts of {@link FitRows}, each by a {@link FitWorker}. */
@Internal
public interface FitWorkers extends AutoCloseable {
    /**
     * Returns how many compute at the same time.
     *
     * @return the number, at least 1
     */
    int count();

    /**
     * Asks for parts, all at once. Whoever answered a share's last question best answers its next.
     *
     * @param questions the questions
     * @param each receives the answers on this thread, in the order of the questions
     */
    void ask(List<FitQuestion> questions, Consumer<FitAnswer> each);

    /**
     * Takes a weight that will be asked about, and whose values may be freed afterwards.
     *
     * @param weight the weight
     */
    void take(FittedTensor weight);

    /**
     * Forgets a weight that is asked about no more.
     *
     * @param weight the weight
     */
    void forget(FittedTensor weight);

    /** Says that no more is asked. */
    @Override
    void close();
}
