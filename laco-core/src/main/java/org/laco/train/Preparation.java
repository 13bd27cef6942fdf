package org.laco.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerRunner;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Runs windows through what is frozen: the layers that both models share once, and then each model's own. */
final class Preparation implements AutoCloseable {
    /** Rows of a batch: many, since each batch reads all layers. */
    private static final int ROWS = 4096;

    /** Logits that are computed at once. */
    private static final int LOGITS = 1 << 23;

    private final Models models;
    private final TrainingLoss loss;
    private final int lowest;
    private final LayerRunner trained;
    private final Optional<LayerRunner> original;

    Preparation(Models models, TrainingLoss loss, int lowest) {
        this.models = models;
        this.loss = loss;
        this.lowest = lowest;
        this.trained = LayerRunner.of(models.trained());
        this.original = models.original().map(LayerRunner::of);
    }

    /** The width of hidden states. */
    int width() {
        try (INDArray one = models.trained().embed(Calibration.ofTokens(new int[] {0}))) {
            return Math.toIntExact(one.size(1));
        }
    }

    void run(
            TrainingWindows windows,
            List<Integer> members,
            Optional<WindowFile> entering,
            Optional<WindowFile> originals,
            TrainingListener listener) {
        List<Integer> batch = new ArrayList<>();
        int rows = 0;
        long done = 0;
        for (int member : members) {
            int length = windows.tokens(member).length;
            if (rows + length > ROWS && !batch.isEmpty()) {
                run(windows, batch, entering, originals);
                done += rows;
                listener.prepared(done);
                batch.clear();
                rows = 0;
            }
            batch.add(member);
            rows += length;
        }
        run(windows, batch, entering, originals);
        listener.prepared(done + rows);
    }

    private void run(
            TrainingWindows windows,
            List<Integer> members,
            Optional<WindowFile> entering,
            Optional<WindowFile> originals) {
        Calibration batch = windows.batch(members);
        int shared = Math.min(models.shared(), lowest);
        INDArray hidden =
                trained.runAll(Models.layers(0, shared), models.trained().embed(batch), batch.layout());
        if (originals.isPresent()) {
            LanguageStack model = models.original().orElseThrow();
            INDArray copy = hidden.dup('c');
            INDArray leaving =
                    original.orElseThrow().runAll(Models.layers(shared, model.layerCount()), copy, batch.layout());
            try (leaving;
                    INDArray output = model.finish(leaving)) {
                keepOriginal(output, members, batch.layout(), originals.get());
            }
        }
        if (entering.isEmpty()) {
            hidden.close();
            return;
        }
        try (INDArray reached = trained.runAll(Models.layers(shared, lowest), hidden, batch.layout())) {
            write(reached, members, batch.layout(), entering.get());
        }
    }

    private void keepOriginal(INDArray output, List<Integer> members, SequenceLayout layout, WindowFile file) {
        if (loss.top().isEmpty()) {
            write(output, members, layout, file);
            return;
        }
        int rows = layout.rows();
        try (INDArray kept = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, file.width()}, 'c')) {
            int step = Math.max(1, LOGITS / models.trained().vocabulary());
            for (int from = 0; from < rows; from += step) {
                keepTop(output, from, Math.min(rows, from + step), kept);
            }
            write(kept, members, layout, file);
        }
    }

    private void keepTop(INDArray output, int from, int to, INDArray kept) {
        int vocabulary = models.trained().vocabulary();
        int count = loss.top().getAsInt();
        int width = TopOriginalRow.width(count);
        try (INDArray part = HostFloats.rows(output, from, to).dup('c');
                INDArray logits = models.original().orElseThrow().logits(part)) {
            IntStream.range(from, to).parallel().forEach(row -> {
                NextTokenRow distribution = new NextTokenRow(vocabulary);
                HostFloats.of(logits).get((row - from) * vocabulary, distribution.logits(), vocabulary);
                distribution.normalise();
                float[] values = new float[width];
                TopOriginalRow.keep(distribution, count, values);
                HostFloats.of(kept).put(row * width, values, width);
            });
        }
    }

    private static void write(INDArray rows, List<Integer> members, SequenceLayout layout, WindowFile file) {
        for (int i = 0; i < members.size(); i++) {
            file.write(members.get(i), rows, layout.start(i), layout.length(i));
        }
    }

    @Override
    public void close() {
        trained.close();
        original.ifPresent(LayerRunner::close);
    }
}
