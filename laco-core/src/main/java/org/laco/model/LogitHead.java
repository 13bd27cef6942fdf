package org.laco.model;

import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.kernel.Kernels;
import org.laco.model.block.Decoder;
import org.laco.model.block.Head;
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
        Head head = decoder.head();
        StoredTensor weight = tensors.tensor(head.weight());
        boolean asStored = kernels.weightType(weight.dataType()) == weight.dataType() && !head.normalised();
        Optional<INDArray> inPlace = asStored ? weight.inPlace() : Optional.empty();
        long vocabulary = decoder.vocabulary();
        INDArray logits = Nd4j.createUninitialized(DataType.FLOAT, new long[] {output.size(0), vocabulary}, 'c');
        long blockRows = Math.max(1, BLOCK_ELEMENTS / decoder.width() / ROWS) * ROWS;
        int blocks = Math.toIntExact((vocabulary + blockRows - 1) / blockRows);
        IntStream all = IntStream.range(0, blocks);
        (kernels.threads() > 1 ? all.parallel() : all).forEach(block -> {
            long from = block * blockRows;
            long to = Math.min(vocabulary, from + blockRows);
            inPlace.ifPresentOrElse(
                    stored -> compute(output, HostFloats.rows(stored, from, to), from, to, logits),
                    () -> compute(output, weight, from, to, logits));
        });
        if (head.biased()) {
            String name = head.weight().replaceAll("weight$", "bias");
            try (INDArray bias = tensors.tensor(name).load()) {
                logits.addiRowVector(bias);
            }
        }
        if (head.scale() != 1) {
            logits.muli(head.scale());
        }
        head.softCap().ifPresent(cap -> {
            logits.divi(cap);
            Transforms.tanh(logits, false).muli(cap);
        });
        return logits;
    }

    /** Computes the columns {@code [from, to)} of the logits. */
    private void compute(INDArray output, StoredTensor weight, long from, long to, INDArray logits) {
        INDArray block = kernels.matrix(to - from, decoder.width());
        weight.copyRows(from, block);
        if (decoder.head().normalised()) {
            scaleRowsToLengthOne(block);
        }
        compute(output, block, from, to, logits);
        kernels.release(block);
    }

    private void compute(INDArray output, INDArray rows, long from, long to, INDArray logits) {
        INDArray part = kernels.sequential().linear(output, rows, null);
        logits.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).assign(part);
        kernels.release(part);
    }

    private static void scaleRowsToLengthOne(INDArray block) {
        try (INDArray norms = block.norm2(1)) {
            Transforms.max(norms, SMALLEST_NORM, false);
            block.diviColumnVector(norms.reshape(norms.length(), 1));
        }
    }
}
