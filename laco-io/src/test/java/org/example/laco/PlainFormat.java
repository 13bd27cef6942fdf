package org.example.laco;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.ByteStreams;
import com.google.common.io.CountingOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointFiles;
import org.laco.io.CheckpointFormat;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A format from outside: one file of the numbers of {@link PlainFamily} and of its tensors, read whole. */
public final class PlainFormat implements CheckpointFormat {
    static final String FILE = "model.plain";

    @Override
    public String name() {
        return "Plain";
    }

    @Override
    public Optional<String> objection(Path path) {
        return Files.exists(path.resolve(FILE)) ? Optional.empty() : Optional.of("has no " + FILE);
    }

    @Override
    public Checkpoint open(Path path) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(path.resolve(FILE)))) {
            ModelConfig config = config(in.readInt(), in.readInt(), in.readInt());
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            for (int count = in.readInt(); count > 0; count--) {
                String name = in.readUTF();
                long[] shape = new long[in.readInt()];
                for (int i = 0; i < shape.length; i++) {
                    shape[i] = in.readLong();
                }
                float[] values = new float[in.readInt()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = in.readFloat();
                }
                tensors.put(name, Nd4j.createFromArray(values).reshape(shape));
            }
            return new PlainCheckpoint(path, CausalModel.of(config, InMemoryTensors.of(tensors)));
        }
    }

    static ModelConfig config(int width, int vocabulary, int depth) {
        return ModelConfig.of(
                ImmutableMap.of("model_type", "plain", "width", width, "vocabulary", vocabulary, "depth", depth));
    }

    /** The files of a model, to be written. */
    record PlainFiles(CausalModel model) implements CheckpointFiles {
        @Override
        public long bytes() throws IOException {
            var counted = new CountingOutputStream(ByteStreams.nullOutputStream());
            write(counted);
            return counted.getCount();
        }

        @Override
        public ImmutableMap<String, String> writeTo(Path directory, boolean hashing) throws IOException {
            try (OutputStream out = Files.newOutputStream(directory.resolve(FILE))) {
                write(out);
            }
            return ImmutableMap.of();
        }

        private void write(OutputStream target) throws IOException {
            DataOutputStream out = new DataOutputStream(target);
            out.writeInt(model.config().integer("width"));
            out.writeInt(model.config().integer("vocabulary"));
            out.writeInt(model.config().integer("depth"));
            out.writeInt(model.tensors().names().size());
            for (String name : model.tensors().names()) {
                try (INDArray values = model.tensors().tensor(name).load()) {
                    out.writeUTF(name);
                    out.writeInt(values.rank());
                    for (long size : values.shape()) {
                        out.writeLong(size);
                    }
                    out.writeInt((int) values.length());
                    for (float value : values.ravel().toFloatVector()) {
                        out.writeFloat(value);
                    }
                }
            }
        }

        @Override
        public Checkpoint open(Path directory) throws IOException {
            return new PlainFormat().open(directory);
        }
    }

    private record PlainCheckpoint(Path directory, CausalModel model) implements Checkpoint {
        @Override
        public Optional<Path> location() {
            return Optional.of(directory);
        }

        @Override
        public ImmutableList<Path> files() {
            return ImmutableList.of(directory.resolve(FILE));
        }

        @Override
        public CheckpointFiles collapsed(CollapsePlan plan, long maxShardBytes) {
            return new PlainFiles(model.collapsed(plan));
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
