package org.laco.train;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerRunner;
import org.laco.stack.LoadedLayer;
import org.laco.stack.Recording;
import org.laco.stack.Trainable;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Computes the loss of batches of windows, and its gradients by the trained weights.
 *
 * <p>What layers need for their derivatives is kept for the upper ones, as many as the memory allows, and computed again for those below
 * (Chen et al., arXiv 1604.06174): of these only what enters them is kept.
 */
final class TrainingPass implements AutoCloseable {
    /** Logits that are computed at once. */
    private static final int LOGITS = 1 << 24;

    private final Models models;
    private final TrainingLoss loss;
    private final TrainedTensors trained;
    private final PreparedText text;
    private final long keptBytes;
    private final LayerRunner runner;
    private final Runnable keeping;

    TrainingPass(Models models, TrainingLoss loss, TrainedTensors trained, PreparedText text, long keptBytes) {
        this.models = models;
        this.loss = loss;
        this.trained = trained;
        this.text = text;
        this.keptBytes = keptBytes;
        this.runner = LayerRunner.of(models.trained());
        this.keeping = Trainable.require(models.trained()).keep(keptBytes);
    }

    /** A layer on its way back: what entered it and, if that is kept, what its derivative needs. */
    private record Visited(int layer, INDArray entering, LoadedLayer loaded, Optional<Recording> recording) {}

    /**
     * Adds the gradients of a batch of windows to the trained weights'.
     *
     * @param rows the number of all positions of the step, by which divergences are divided
     * @param predicted the number of positions with a next token, by which the next tokens' losses are divided
     * @return the batch's part of the step's mean loss
     */
    double addGradients(List<Integer> members, int rows, int predicted) {
        LanguageStack stack = trained.current();
        Calibration batch = text.windows().batch(members);
        SequenceLayout layout = batch.layout();
        Deque<Visited> visited = new ArrayDeque<>();
        INDArray hidden = text.entering(members, stack);
        int kept = firstKept(layout.rows());
        for (int layer = trained.lowest(); layer < stack.layerCount(); layer++) {
            LoadedLayer loaded = runner.load(layer, trained.tensors(layer));
            INDArray entering = hidden;
            if (layer >= kept) {
                Recording recording = loaded.record(entering, layout);
                hidden = recording.detach();
                visited.push(new Visited(layer, entering, loaded, Optional.of(recording)));
            } else {
                hidden = loaded.run(entering, layout);
                visited.push(new Visited(layer, entering, loaded, Optional.empty()));
            }
            loaded.weights().unload();
        }
        Loss end = end(stack, hidden, members, rows, predicted);
        try (INDArray gradient = backward(visited, end.gradient(), layout)) {
            if (trained.trainsEmbedding()) {
                Trainable.require(stack).embedBackward(batch, gradient, trained.outsideGradients());
            }
        }
        return end.value();
    }

    /** The mean loss of windows, without gradients. */
    double loss(List<Integer> members, int rows, int predicted) {
        SequenceLayout layout = text.windows().batch(members).layout();
        LanguageStack stack = trained.current();
        INDArray hidden = text.entering(members, stack);
        for (int layer = trained.lowest(); layer < stack.layerCount(); layer++) {
            try (LoadedLayer loaded = runner.load(layer, trained.tensors(layer));
                    INDArray entering = hidden) {
                hidden = loaded.run(entering, layout);
            }
        }
        try (INDArray leaving = hidden;
                INDArray output = stack.finish(leaving)) {
            return tiles(stack, output, members, rows, predicted, null);
        }
    }

    private record Loss(double value, INDArray gradient) {}

    /** The loss by what leaves the last layer, which is closed. */
    private Loss end(LanguageStack stack, INDArray leaving, List<Integer> members, int rows, int predicted) {
        try (leaving;
                Recording finish = Trainable.require(stack).recordFinish(leaving);
                INDArray gradient =
                        Nd4j.createUninitialized(DataType.FLOAT, finish.output().shape(), 'c')) {
            double value = tiles(stack, finish.output(), members, rows, predicted, gradient);
            return new Loss(value, finish.backward(gradient, trained.outsideGradients()));
        }
    }

    /** Computes logits a few rows at a time: all of them together would be the largest array by far. */
    private double tiles(
            LanguageStack stack, INDArray output, List<Integer> members, int rows, int predicted, INDArray gradient) {
        int vocabulary = models.trained().vocabulary();
        int[] next = nextTokens(members);
        int step = Math.max(1, LOGITS / vocabulary);
        LossTile tile = new LossTile(
                loss.needsOriginal() ? Optional.of(rowBuffers()) : Optional.empty(),
                loss.divergenceShare() / rows,
                (1 - loss.divergenceShare()) / Math.max(1, predicted));
        LossTile.Sums sums = LossTile.Sums.ZERO;
        Optional<INDArray> kept = text.original(members);
        for (int from = 0; from < next.length; from += step) {
            int to = Math.min(next.length, from + step);
            sums = sums.plus(tile(tile, stack, output, kept, Arrays.copyOfRange(next, from, to), from, to, gradient));
        }
        kept.ifPresent(INDArray::close);
        return loss.divergenceShare() * sums.divergence() / rows
                + (1 - loss.divergenceShare()) * sums.nextToken() / Math.max(1, predicted);
    }

    private Supplier<OriginalRow> rowBuffers() {
        return loss.top().isPresent()
                ? () -> new TopOriginalRow(loss.top().getAsInt())
                : () -> new WholeOriginalRow(models.trained().vocabulary());
    }

    private LossTile.Sums tile(
            LossTile tile,
            LanguageStack stack,
            INDArray output,
            Optional<INDArray> kept,
            int[] next,
            int from,
            int to,
            INDArray gradient) {
        try (INDArray part = HostFloats.rows(output, from, to).dup('c');
                INDArray logits = stack.logits(part);
                INDArray original = original(kept, from, to);
                INDArray slopes =
                        gradient == null ? null : Nd4j.createUninitialized(DataType.FLOAT, logits.shape(), 'c')) {
            LossTile.Sums sums = tile.compute(logits, original, next, slopes);
            if (gradient != null) {
                try (INDArray back =
                        Trainable.require(stack).logitsBackward(part, logits, slopes, trained.outsideGradients())) {
                    HostFloats.of(back).copyTo(HostFloats.of(gradient), Math.toIntExact(from * gradient.size(1)));
                }
            }
            return sums;
        }
    }

    /** What is kept of the original's distributions for some rows: its logits are computed from its final hidden states. */
    private INDArray original(Optional<INDArray> kept, int from, int to) {
        if (kept.isEmpty()) {
            return null;
        }
        INDArray part = HostFloats.rows(kept.get(), from, to).dup('c');
        if (loss.top().isPresent()) {
            return part;
        }
        try (part) {
            return models.original().orElseThrow().logits(part);
        }
    }

    private int[] nextTokens(List<Integer> members) {
        return members.stream()
                .flatMapToInt(member -> {
                    int[] tokens = text.windows().tokens(member);
                    int[] next = Arrays.copyOfRange(tokens, 1, tokens.length + 1);
                    next[tokens.length - 1] = LossTile.NONE;
                    return Arrays.stream(next);
                })
                .toArray();
    }

    /** Passes a gradient back through the layers and returns it by what entered the lowest of them. */
    private INDArray backward(Deque<Visited> visited, INDArray gradient, SequenceLayout layout) {
        INDArray current = gradient;
        while (!visited.isEmpty()) {
            Visited layer = visited.pop();
            try (LoadedLayer loaded = layer.loaded();
                    INDArray entering = layer.entering();
                    INDArray after = current;
                    Recording recording = layer.recording().orElseGet(() -> again(layer, layout))) {
                current = recording.backward(after, trained.gradients(layer.layer()));
            }
        }
        return current;
    }

    private static Recording again(Visited layer, SequenceLayout layout) {
        return layer.loaded().record(layer.entering(), layout);
    }

    /** The lowest layer for which everything is kept. */
    private int firstKept(int rows) {
        int layer = models.trained().layerCount();
        for (long left = keptBytes; layer > trained.lowest(); layer--) {
            left -= recordedBytes(layer - 1, rows);
            if (left < 0) {
                break;
            }
        }
        return layer;
    }

    /** About what a recording keeps: what enters and what leaves each linear map. */
    private long recordedBytes(int layer, int rows) {
        long widths = 0;
        for (LayerTensor tensor : models.trained().tensors(layer).values()) {
            long[] shape = tensor.tensor().shape();
            if (tensor.role() == TensorRole.LINEAR && shape.length == 2) {
                widths += shape[0] + shape[1];
            }
        }
        return widths * rows * Float.BYTES;
    }

    @Override
    public void close() {
        runner.close();
        keeping.run();
    }
}
