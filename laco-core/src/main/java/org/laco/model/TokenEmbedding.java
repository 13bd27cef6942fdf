package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.ForwardPass;
import org.laco.model.block.Sinusoids;
import org.laco.stack.Calibration;
import org.laco.stack.Gradients;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Looks up the hidden states of token ids, reading only the rows that occur. */
final class TokenEmbedding {
    private final Decoder decoder;
    private final TensorSource tensors;

    TokenEmbedding(Decoder decoder, TensorSource tensors) {
        this.decoder = decoder;
        this.tensors = tensors;
    }

    INDArray embed(Calibration calibration, ForwardPass pass) {
        Embedding embedding = decoder.embedding();
        SequenceLayout sequences = calibration.layout();
        int[] ids = new int[sequences.rows()];
        int[] positions = new int[sequences.rows()];
        for (int i = 0; i < sequences.count(); i++) {
            int[] tokens = calibration.tokens(i);
            for (int at = 0; at < tokens.length; at++) {
                checkArgument(
                        tokens[at] < decoder.vocabulary(),
                        "calibration sequence %s, position %s: token id %s is beyond the vocabulary of %s",
                        i,
                        at,
                        tokens[at],
                        decoder.vocabulary());
                ids[sequences.start(i) + at] = tokens[at];
                positions[sequences.start(i) + at] = at + embedding.positionOffset();
            }
        }
        INDArray hidden = rows(tensors.tensor(embedding.tokens()), ids);
        if (embedding.scale() != 1) {
            hidden.muli(embedding.scale());
        }
        embedding.positions().ifPresent(table -> {
            try (INDArray learned = rows(tensors.tensor(table), positions)) {
                hidden.addi(learned);
            }
        });
        embedding.sinusoids().ifPresent(computed -> add(computed, positions, hidden));
        INDArray embedded =
                embedding.norm().map(norm -> normalise(norm, hidden, pass)).orElse(hidden);
        return new CarriedInputs(decoder, tensors).appended(embedded, ids, pass.kernels());
    }

    private static void add(Sinusoids computed, int[] positions, INDArray hidden) {
        int width = Math.toIntExact(hidden.size(1));
        for (int row = 0; row < positions.length; row++) {
            try (INDArray vector = Nd4j.createFromArray(computed.row(positions[row], width))) {
                hidden.getRow(row).addi(vector);
            }
        }
    }

    /** Adds the gradients of the rows that occur. */
    void backward(Calibration calibration, INDArray gradient, Gradients gradients) {
        Embedding embedding = decoder.embedding();
        if (embedding.norm().isPresent()) {
            throw new UnsupportedOperationException("the embedding " + embedding.tokens()
                    + " can't be trained: a norm follows it, so train the layers alone");
        }
        SequenceLayout sequences = calibration.layout();
        Optional<INDArray> tokens = gradients.of(embedding.tokens());
        Optional<INDArray> positions = embedding.positions().flatMap(gradients::of);
        for (int i = 0; i < sequences.count(); i++) {
            int[] ids = calibration.tokens(i);
            for (int at = 0; at < ids.length; at++) {
                int row = sequences.start(i) + at;
                int id = ids[at];
                tokens.ifPresent(sum -> addRow(gradient, row, sum, id, (float) embedding.scale()));
                int position = at + embedding.positionOffset();
                positions.ifPresent(sum -> addRow(gradient, row, sum, position, 1));
            }
        }
    }

    private static void addRow(INDArray gradient, int from, INDArray sum, int to, float scale) {
        int width = Math.toIntExact(gradient.size(1));
        float[] added = new float[width];
        float[] row = new float[width];
        INDArray target = HostFloats.rows(sum, to, to + 1L);
        HostFloats.of(gradient).get(from * width, added, width);
        HostFloats.of(target).get(0, row, width);
        for (int i = 0; i < width; i++) {
            row[i] += scale * added[i];
        }
        HostFloats.of(target).put(0, row, width);
    }

    private INDArray normalise(Block norm, INDArray hidden, ForwardPass pass) {
        ImmutableMap.Builder<String, LayerTensor> declared = ImmutableMap.builder();
        norm.declare(one -> declared.put(one.name(), new LayerTensor(tensors.tensor(one.name()), TensorRole.NORM)));
        try (hidden;
                LayerWeights weights = LayerWeights.load(declared.buildOrThrow())) {
            return norm.apply(hidden, weights, pass);
        }
    }

    /** Reads rows of a table. */
    static INDArray rows(StoredTensor table, int[] ids) {
        long available = table.shape()[0];
        INDArray hidden = Nd4j.createUninitialized(DataType.FLOAT, new long[] {ids.length, table.shape()[1]}, 'c');
        for (int row = 0; row < ids.length; row++) {
            checkArgument(
                    ids[row] < available,
                    "row %s is beyond tensor %s, which has %s rows",
                    ids[row],
                    table.name(),
                    available);
            table.copyRows(ids[row], HostFloats.rows(hidden, row, row + 1L));
        }
        return hidden;
    }
}
