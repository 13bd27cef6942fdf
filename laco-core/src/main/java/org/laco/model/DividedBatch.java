package org.laco.model;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import org.laco.kernel.Kernels;
import org.laco.model.block.Block;
import org.laco.model.block.ForwardPass;
import org.laco.model.block.TensorDeclaration;
import org.laco.stack.Recording;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch whose texts, each a sequence with those that continue it, are divided among threads, each of which takes its texts through a
 * whole layer.
 *
 * <p>Texts don't see one another, so that the threads meet once a layer, and not once an operation.
 */
final class DividedBatch {
    /** Rows of a part below which another thread is not worth its call. */
    private static final int MIN_ROWS = 8;

    private final Kernels kernels;
    private final ForwardPass whole;
    private final ImmutableList<Part> parts;

    private DividedBatch(Kernels kernels, ForwardPass whole, ImmutableList<Part> parts) {
        this.kernels = kernels;
        this.whole = whole;
        this.parts = parts;
    }

    /** Rows of a batch that hold whole texts. */
    private record Part(int firstRow, ForwardPass pass) {
        int rows() {
            return pass.sequences().rows();
        }
    }

    static DividedBatch of(SequenceLayout sequences, Kernels kernels) {
        ImmutableList.Builder<Part> parts = ImmutableList.builder();
        int count = Math.max(1, Math.min(kernels.threads(), sequences.rows() / MIN_ROWS));
        // Where texts begin and, after them, where the last one ends.
        int[] texts = Ints.concat(sequences.texts(), new int[] {sequences.count()});
        int first = 0;
        int made = 1;
        for (int i = 1; i < texts.length; i++) {
            boolean last = i + 1 == texts.length;
            int end = row(sequences, texts[i]);
            int following = last ? 0 : row(sequences, texts[i + 1]) - end;
            // The next part begins where the end is nearest to an equal share.
            boolean full = end + following / 2 >= (long) sequences.rows() * made / count;
            if (last || full && made < count) {
                SequenceLayout part = sequences.part(first, texts[i]);
                parts.add(new Part(sequences.start(first), new ForwardPass(part, kernels.sequential())));
                first = texts[i];
                made++;
            }
        }
        return new DividedBatch(kernels, new ForwardPass(sequences, kernels), parts.build());
    }

    /** Returns the row at which a sequence starts, the number of all rows for the one after the last. */
    private static int row(SequenceLayout sequences, int sequence) {
        return sequence == sequences.count() ? sequences.rows() : sequences.start(sequence);
    }

    /** Returns the batch in one piece. */
    ForwardPass whole() {
        return whole;
    }

    /** Runs the batch through a layer, and something else when those of the layer's weights have been read that all rows need. */
    INDArray apply(Block layer, INDArray hidden, LayerWeights weights, Runnable whenRead) {
        if (kernels.threads() == 1) {
            return layer.apply(hidden, weights, whole);
        }
        readAll(layer, weights);
        whenRead.run();
        if (parts.size() == 1) {
            return layer.apply(hidden, weights, whole);
        }
        INDArray out = Nd4j.createUninitialized(DataType.FLOAT, hidden.shape(), 'c');
        HostFloats results = HostFloats.of(out);
        parts.parallelStream().forEach(part -> apply(layer, part, hidden, weights, results));
        return out;
    }

    /** Runs the whole batch through a layer and keeps what the derivative needs. */
    Recording record(Block layer, INDArray hidden, LayerWeights weights) {
        if (kernels.threads() > 1) {
            readAll(layer, weights);
        }
        return layer.record(hidden, weights, whole);
    }

    private void readAll(Block layer, LayerWeights weights) {
        List<TensorDeclaration> needed = new ArrayList<>();
        layer.declare(tensor -> {
            if (!tensor.routed()) {
                needed.add(tensor);
            }
        });
        (parts.size() == 1 ? needed.stream() : needed.parallelStream()).forEach(tensor -> read(tensor, weights));
    }

    private void read(TensorDeclaration tensor, LayerWeights weights) {
        if (tensor.role() == TensorRole.LINEAR) {
            weights.array(tensor.name(), kernels::weightType);
        } else {
            weights.array(tensor.name());
        }
    }

    private static void apply(Block layer, Part part, INDArray hidden, LayerWeights weights, HostFloats results) {
        INDArray rows = HostFloats.rows(hidden, part.firstRow, part.firstRow + part.rows());
        INDArray result = layer.apply(rows, weights, part.pass);
        HostFloats.of(result).copyTo(results, Math.toIntExact(part.firstRow * hidden.size(1)));
        part.pass.kernels().release(result);
    }
}
