package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.laco.train.TrainingState;
import org.laco.train.TrainingStep;
import org.laco.train.ValidationLoss;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A training's state as tensors of one file: numbers keep all their bits. */
final class TrainingTensors {
    static final String FINGERPRINT = "fingerprint";
    static final String SHA256 = "sha256";

    static final String STEPS = "steps";
    static final String VALIDATIONS = "validations";
    static final String PARAMETERS = "parameters.";
    static final String BEST = "best.";

    private TrainingTensors() {}

    static ImmutableList<StoredTensor> of(TrainingState state) {
        ImmutableList.Builder<StoredTensor> tensors = ImmutableList.builder();
        tensors.add(table(STEPS, state.steps(), TrainingTensors::row));
        tensors.add(table(VALIDATIONS, state.validations(), TrainingTensors::row));
        addAll(tensors, PARAMETERS, state.parameters());
        addAll(tensors, BEST, state.best());
        return tensors.build();
    }

    private static <T> StoredTensor table(String name, List<T> rows, Function<T, double[]> row) {
        return ArrayTensor.of(name, Nd4j.create(rows.stream().map(row).toArray(double[][]::new)));
    }

    private static void addAll(ImmutableList.Builder<StoredTensor> tensors, String prefix, List<INDArray> arrays) {
        for (int i = 0; i < arrays.size(); i++) {
            tensors.add(ArrayTensor.of(prefix + i, arrays.get(i)));
        }
    }

    private static double[] row(TrainingStep step) {
        return new double[] {step.step(), step.steps(), step.tokens(), step.loss(), step.gradientNorm(), step.rate()};
    }

    private static double[] row(ValidationLoss validation) {
        return new double[] {validation.step(), validation.loss(), validation.best() ? 1 : 0};
    }

    static TrainingStep step(INDArray row) {
        return new TrainingStep(
                (long) row.getDouble(0),
                (long) row.getDouble(1),
                (long) row.getDouble(2),
                row.getDouble(3),
                row.getDouble(4),
                row.getDouble(5));
    }

    static ValidationLoss validation(INDArray row) {
        return new ValidationLoss((long) row.getDouble(0), row.getDouble(1), row.getDouble(2) == 1);
    }

    /** Hashes names, shapes and values: the format itself has no checksum of the values. */
    static String hash(List<? extends StoredTensor> tensors) throws IOException {
        try (HashingOutputStream hashing = new HashingOutputStream(Hashing.sha256(), OutputStream.nullOutputStream())) {
            for (StoredTensor tensor : tensors) {
                hashing.write((tensor.name() + " " + tensor.storedType() + " " + Arrays.toString(tensor.shape()) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
                tensor.writeTo(Channels.newChannel(hashing));
            }
            return hashing.hash().toString();
        }
    }
}
