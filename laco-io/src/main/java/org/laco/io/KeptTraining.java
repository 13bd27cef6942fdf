package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.function.Function;
import org.laco.io.array.FileTensor;
import org.laco.io.array.FileTensors;
import org.laco.train.TrainingState;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads a training's state back, and refuses one that isn't what was written. */
final class KeptTraining {
    private final FileTensors file;

    KeptTraining(FileTensors file) {
        this.file = file;
    }

    TrainingState state() throws IOException {
        requireWhole();
        return new TrainingState(
                file.mapped().metadata().getOrDefault(TrainingTensors.FINGERPRINT, ""),
                rows(TrainingTensors.STEPS, 6, TrainingTensors::step),
                rows(TrainingTensors.VALIDATIONS, 3, TrainingTensors::validation),
                arrays(TrainingTensors.PARAMETERS),
                arrays(TrainingTensors.BEST));
    }

    private void requireWhole() throws IOException {
        if (!TrainingTensors.hash(file.tensors().asList())
                .equals(file.mapped().metadata().get(TrainingTensors.SHA256))) {
            throw damaged("its values don't have the hash of what was written");
        }
        for (FileTensor tensor : file.tensors()) {
            String name = tensor.name();
            boolean table = name.equals(TrainingTensors.STEPS) || name.equals(TrainingTensors.VALIDATIONS);
            boolean array = name.startsWith(TrainingTensors.PARAMETERS) || name.startsWith(TrainingTensors.BEST);
            if (!(table && tensor.dataType() == DataType.DOUBLE) && !(array && tensor.dataType() == DataType.FLOAT)) {
                throw damaged("it has no room for a tensor '" + name + "' of type " + tensor.dtype());
            }
        }
    }

    private <T> ImmutableList<T> rows(String name, int columns, Function<INDArray, T> read) throws IOException {
        if (!file.contains(name)
                || file.tensor(name).shape().length != 2
                || file.tensor(name).shape()[1] != columns
                || file.tensor(name).shape()[0] == 0) {
            throw damaged("it has no table '" + name + "' of " + columns + " columns");
        }
        try (INDArray table = Nd4j.create(DataType.DOUBLE, file.tensor(name).shape())) {
            file.tensor(name).copyTo(table);
            ImmutableList.Builder<T> rows = ImmutableList.builder();
            for (long row = 0; row < table.size(0); row++) {
                rows.add(read.apply(table.getRow(row)));
            }
            return rows.build();
        }
    }

    private ImmutableList<INDArray> arrays(String prefix) {
        ImmutableList.Builder<INDArray> arrays = ImmutableList.builder();
        for (int i = 0; file.contains(prefix + i); i++) {
            arrays.add(file.tensor(prefix + i).load());
        }
        return arrays.build();
    }

    private IOException damaged(String what) {
        return new IOException(
                file.mapped().path() + ": the kept training is damaged, " + what + ": remove it to begin anew");
    }
}
