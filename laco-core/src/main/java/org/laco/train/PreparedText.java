package org.laco.train;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a step needs of the frozen parts: the hidden states that enter the lowest trained layer, and the original's distributions, each
 * computed once and kept on disk.
 */
final class PreparedText implements AutoCloseable {
    private final TrainingWindows windows;
    private final Optional<WindowFile> entering;
    private final Optional<WindowFile> original;

    private PreparedText(TrainingWindows windows, Optional<WindowFile> entering, Optional<WindowFile> original) {
        this.windows = windows;
        this.entering = entering;
        this.original = original;
    }

    /**
     * Prepares windows.
     *
     * @param lowest the lowest trained layer; what enters layer 0 is cheaper to compute again than to keep
     * @param members the windows that are read
     * @param directory where the files are made, which are removed on {@link #close}
     */
    static PreparedText prepare(
            Models models,
            TrainingLoss loss,
            int lowest,
            TrainingWindows windows,
            List<Integer> members,
            Path directory,
            TrainingListener listener)
            throws IOException {
        try (Preparation preparation = new Preparation(models, loss, lowest)) {
            int width = preparation.width();
            Optional<WindowFile> entering = lowest == 0
                    ? Optional.empty()
                    : Optional.of(WindowFile.create(directory.resolve("entering"), width));
            Optional<WindowFile> original = loss.needsOriginal()
                    ? Optional.of(WindowFile.create(
                            directory.resolve("original"),
                            loss.top().isPresent()
                                    ? TopOriginalRow.width(loss.top().getAsInt())
                                    : width))
                    : Optional.empty();
            PreparedText text = new PreparedText(windows, entering, original);
            try {
                preparation.run(windows, members, entering, original, listener);
            } catch (RuntimeException e) {
                text.close();
                throw e;
            }
            return text;
        }
    }

    TrainingWindows windows() {
        return windows;
    }

    /**
     * The hidden states that enter the lowest trained layer for a batch of windows.
     *
     * @param current the trained model as it is now, whose embedding may be trained
     */
    INDArray entering(List<Integer> members, LanguageStack current) {
        return entering.map(file -> read(file, members)).orElseGet(() -> current.embed(windows.batch(members)));
    }

    /** What is kept of the original's distributions for a batch of windows. */
    Optional<INDArray> original(List<Integer> members) {
        return original.map(file -> read(file, members));
    }

    private INDArray read(WindowFile file, List<Integer> members) {
        Calibration batch = windows.batch(members);
        INDArray rows = Nd4j.createUninitialized(
                DataType.FLOAT, new long[] {batch.layout().rows(), file.width()}, 'c');
        for (int i = 0; i < members.size(); i++) {
            file.read(
                    members.get(i),
                    rows,
                    batch.layout().start(i),
                    batch.layout().length(i));
        }
        return rows;
    }

    @Override
    public void close() {
        ImmutableList.of(entering, original).forEach(file -> file.ifPresent(WindowFile::close));
    }
}
