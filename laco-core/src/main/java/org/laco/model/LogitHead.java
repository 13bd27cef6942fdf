package org.laco.model;

import java.util.Optional;
import java.util.function.ObjLongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.laco.kernel.Kernels;
import org.laco.model.block.Decoder;
import org.laco.model.block.Head;
import org.laco.stack.Gradients;
import org.laco.stack.LogitPart;
import org.laco.tensor.HostFloats;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Computes logits, reading the head's weight in blocks of rows, since it can be the largest tensor by far. */
final class LogitHead {
    private static final long BLOCK_ELEMENTS = 1 << 22;

    /** Elements of the weight that a gradient passes at once: a larger part of the logits is copied with each. */
    private static final long BACKWARD_ELEMENTS = 1 << 24;

    /** Rows of a block are a multiple of what vector registers hold, or products that widen a stored weight don't take it. */
    private static final long ROWS = 64;

    private static final double SMALLEST_NORM = 1e-12;

    private final Decoder decoder;
    private final TensorSource tensors;
    private final Kernels kernels;

    LogitHead(Decoder decoder, TensorSource tensors, Kernels kernels) {
        this.decoder = decoder;
        this.tensors = tensors;
        this.kernels = kernels;
    }

    INDArray logits(INDArray output) {
        long vocabulary = decoder.vocabulary();
        INDArray logits = columns(output, wholeWeight(), vocabulary);
        finish(logits, bias -> bias);
        return logits;
    }

    /** Computes the logits of some tokens alone, reading their rows of the weight. */
    INDArray logits(INDArray output, int[] tokens) {
        StoredTensor weight = tensors.tensor(decoder.head().weight());
        Optional<INDArray> picked = inPlace(weight).map(stored -> Nd4j.pullRows(stored, 1, tokens));
        INDArray logits = columns(
                output, new WeightRows(picked, (block, from) -> copyRows(weight, tokens, from, block)), tokens.length);
        picked.ifPresent(INDArray::close);
        finish(logits, bias -> picked(bias, tokens));
        return logits;
    }

    /** Computes the logits a part at a time, in as many parts as divide evenly among the threads. */
    void logits(INDArray output, LogitPart part) {
        long threads = kernels.threads();
        long blocks = (decoder.vocabulary() + blockRows() - 1) / blockRows();
        long even = (blocks + threads - 1) / threads * threads;
        long rows = (decoder.vocabulary() + even - 1) / even;
        parts(output, wholeWeight(), decoder.vocabulary(), (rows + ROWS - 1) / ROWS * ROWS, (first, logits) -> {
            finish(logits, bias -> bias.get(NDArrayIndex.interval(first, first + logits.size(1)))
                    .dup('c'));
            part.accept(first, logits);
        });
    }

    /**
     * Rows of a weight.
     *
     * @param inPlace all of them where products take them as they lie
     * @param read copies those from one on to a block
     */
    private record WeightRows(Optional<INDArray> inPlace, ObjLongConsumer<INDArray> read) {}

    private WeightRows wholeWeight() {
        StoredTensor weight = tensors.tensor(decoder.head().weight());
        return new WeightRows(inPlace(weight), (block, from) -> weight.copyRows(from, block));
    }

    /** Returns the weight where it is stored if products take it as it is. */
    private Optional<INDArray> inPlace(StoredTensor weight) {
        boolean asStored = kernels.weightType(weight.dataType()) == weight.dataType()
                && !decoder.head().normalised();
        return asStored ? weight.inPlace() : Optional.empty();
    }

    private static void copyRows(StoredTensor weight, int[] tokens, long from, INDArray block) {
        for (long row = 0; row < block.size(0); row++) {
            weight.copyRows(tokens[(int) (from + row)], HostFloats.rows(block, row, row + 1));
        }
    }

    /** Picks elements of a bias, in exchange for it. */
    private static INDArray picked(INDArray bias, int[] tokens) {
        float[] values = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            values[i] = bias.getFloat(tokens[i]);
        }
        return Nd4j.createFromArray(values);
    }

    private long blockRows() {
        return Math.max(1, BLOCK_ELEMENTS / decoder.width() / ROWS) * ROWS;
    }

    private INDArray columns(INDArray output, WeightRows rows, long count) {
        INDArray logits = Nd4j.createUninitialized(DataType.FLOAT, new long[] {output.size(0), count}, 'c');
        parts(output, rows, count, blockRows(), (first, part) -> kernels.putColumns(logits, first, part));
        return logits;
    }

    /** Computes products with blocks of a weight's rows, several at the same time, without what comes after a product. */
    private void parts(INDArray output, WeightRows weight, long count, long blockRows, LogitPart part) {
        int blocks = Math.toIntExact((count + blockRows - 1) / blockRows);
        IntStream all = IntStream.range(0, blocks);
        (kernels.threads() > 1 ? all.parallel() : all).forEach(block -> {
            long from = block * blockRows;
            long to = Math.min(count, from + blockRows);
            weight.inPlace()
                    .ifPresentOrElse(
                            stored -> compute(output, HostFloats.rows(stored, from, to), (int) from, part),
                            () -> compute(output, weight, from, to, part));
        });
    }

    /**
     * Does to logits what comes after the product, in place.
     *
     * @param chosen gives the elements of the bias that belong to the logits' columns
     */
    private void finish(INDArray logits, UnaryOperator<INDArray> chosen) {
        Head head = decoder.head();
        if (head.biased()) {
            try (INDArray bias = tensors.tensor(bias(head)).load()) {
                logits.addiRowVector(chosen.apply(bias));
            }
        }
        if (head.scale() != 1) {
            logits.muli(head.scale());
        }
        head.softCap().ifPresent(cap -> {
            logits.divi(cap);
            Transforms.tanh(logits, false).muli(cap);
        });
    }

    private void compute(INDArray output, WeightRows weight, long from, long to, LogitPart part) {
        INDArray block = kernels.matrix(to - from, decoder.width());
        weight.read().accept(block, from);
        if (decoder.head().normalised()) {
            scaleRowsToLengthOne(block).close();
        }
        compute(output, block, (int) from, part);
        kernels.release(block);
    }

    private void compute(INDArray output, INDArray rows, int from, LogitPart part) {
        INDArray logits = kernels.sequential().linear(output, rows, null);
        part.accept(from, logits);
        kernels.release(logits);
    }

    /**
     * Passes a gradient back to the hidden states, block by block of the weight's rows.
     *
     * @param gradient by the logits, which becomes that by the head's product
     */
    INDArray backward(INDArray output, INDArray logits, INDArray gradient, Gradients gradients) {
        Head head = decoder.head();
        head.softCap().ifPresent(cap -> {
            try (INDArray slopes = logits.div(cap)) {
                slopes.muli(slopes).rsubi(1);
                gradient.muli(slopes);
            }
        });
        if (head.scale() != 1) {
            gradient.muli(head.scale());
        }
        gradients.of(bias(head)).ifPresent(sum -> kernels.derivatives().addColumnSums(gradient, sum));
        return throughWeight(output, gradient, gradients.of(head.weight()));
    }

    private INDArray throughWeight(INDArray output, INDArray gradient, Optional<INDArray> weightSum) {
        StoredTensor weight = tensors.tensor(decoder.head().weight());
        return inPlace(weight)
                .map(stored -> throughRows(output, gradient, stored, weightSum.orElse(null)))
                .orElseGet(() -> throughBlocks(weight, output, gradient, weightSum));
    }

    private INDArray throughBlocks(
            StoredTensor weight, INDArray output, INDArray gradient, Optional<INDArray> weightSum) {
        long vocabulary = decoder.vocabulary();
        long blockRows = Math.max(1, BACKWARD_ELEMENTS / decoder.width());
        INDArray sum = null;
        for (long from = 0; from < vocabulary; from += blockRows) {
            long to = Math.min(vocabulary, from + blockRows);
            INDArray rows = kernels.matrix(to - from, decoder.width());
            weight.copyRows(from, rows);
            INDArray part;
            try (INDArray columns = gradient.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                    .dup('c')) {
                INDArray rowSum = weightSum.isEmpty() ? null : HostFloats.rows(weightSum.get(), from, to);
                part = throughRows(output, columns, rows, rowSum);
            }
            kernels.release(rows);
            if (sum == null) {
                sum = part;
            } else {
                kernels.add(sum, part);
                kernels.release(part);
            }
        }
        return sum;
    }

    /** Passes the gradient of some logits back through their rows of the weight, and adds that of the rows to a sum if there is one. */
    private INDArray throughRows(INDArray output, INDArray gradient, INDArray rows, INDArray rowSum) {
        if (!decoder.head().normalised()) {
            if (rowSum != null) {
                kernels.derivatives().addTransposedProduct(gradient, output, rowSum);
            }
            return kernels.linearTransposed(gradient, rows, null);
        }
        try (INDArray lengths = scaleRowsToLengthOne(rows)) {
            if (rowSum != null) {
                addUnitRowGradient(output, gradient, rows, lengths, rowSum);
            }
            return kernels.linearTransposed(gradient, rows, null);
        }
    }

    /** With g the gradient of a row u that was scaled from length n: (g − u · (u·g)) / n. */
    private void addUnitRowGradient(
            INDArray output, INDArray gradient, INDArray units, INDArray lengths, INDArray rowSum) {
        try (INDArray byUnits = Nd4j.create(DataType.FLOAT, units.shape(), 'c')) {
            kernels.derivatives().addTransposedProduct(gradient, output, byUnits);
            try (INDArray products = byUnits.mul(units);
                    INDArray along = products.sum(true, 1);
                    INDArray lengthening = units.mulColumnVector(along)) {
                rowSum.addi(byUnits.subi(lengthening).diviColumnVector(lengths));
            }
        }
    }

    private static String bias(Head head) {
        return head.weight().replaceAll("weight$", "bias");
    }

    /** Returns the lengths that the rows had, as a column. */
    private static INDArray scaleRowsToLengthOne(INDArray block) {
        INDArray lengths = block.norm2(true, 1);
        Transforms.max(lengths, SMALLEST_NORM, false);
        block.diviColumnVector(lengths);
        return lengths;
    }
}
