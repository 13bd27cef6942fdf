package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.laco.model.block.Decoder;
import org.laco.model.block.TensorDeclaration;
import org.laco.model.config.ModelConfig;
import org.laco.model.family.Families;
import org.laco.model.family.Family;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A checkpoint of random weights, of the tensors that a family declares for a configuration. */
final class RandomModel {
    private static final double DEVIATION = 0.08;

    private final ModelConfig config;
    private final boolean normsByOffset;
    private final Random random = new Random(7);
    private final Map<String, INDArray> tensors = new LinkedHashMap<>();

    /**
     * @param config the configuration
     * @param normsByOffset whether norms are by 1 + w, so that their weights lie around 0
     */
    RandomModel(ModelConfig config, boolean normsByOffset) {
        this.config = config;
        this.normsByOffset = normsByOffset;
    }

    void write(Path directory) throws IOException {
        // GPT-2 is defined without a prefix, as Jlama expects it, if a token table is found under its plain name.
        INDArray marker = Nd4j.zeros(1);
        Family family = Families.of(config);
        Decoder decoder =
                family.define(config.withDefaults(family.defaults()), InMemoryTensors.of(Map.of("wte.weight", marker)));
        fill(decoder);
        ImmutableList.Builder<StoredTensor> stored = ImmutableList.builder();
        tensors.forEach((name, values) -> stored.add(ArrayTensor.of(name, values)));
        Files.createDirectories(directory);
        SafetensorsWriter.write(
                ShardLayout.of(WrittenTensor.allOf(stored.build()), Long.MAX_VALUE, ShardLayout.DEFAULT_METADATA),
                directory);
        Files.write(directory.resolve("config.json"), new Json().encode(new Json().toNode(config.values())));
    }

    private void fill(Decoder decoder) {
        long[] table = {decoder.vocabulary(), decoder.width()};
        add(decoder.embedding().tokens(), TensorRole.LINEAR, table);
        decoder.embedding()
                .positions()
                .ifPresent(name -> add(name, TensorRole.LINEAR, config.integer("n_positions"), decoder.width()));
        for (int i = 0; i < decoder.layers().size(); i++) {
            decoder.layers().get(i).declare(adder(decoder.layerPrefix() + i + "."));
        }
        decoder.norm().ifPresent(norm -> norm.declare(adder("")));
        if (!tensors.containsKey(decoder.head().weight())) {
            add(decoder.head().weight(), TensorRole.LINEAR, table);
        }
    }

    private Consumer<TensorDeclaration> adder(String prefix) {
        return declared ->
                add(prefix + declared.name(), declared.role(), declared.shape().toArray());
    }

    private void add(String name, TensorRole role, long... shape) {
        double mean = role == TensorRole.NORM && name.endsWith("weight") && !normsByOffset ? 1 : 0;
        INDArray values = Nd4j.create(DataType.FLOAT, shape);
        // Where a head is tied to large embeddings, a model would only repeat its last token.
        double deviation = normsByOffset && name.contains("embed") ? DEVIATION / 16 : DEVIATION;
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, mean + deviation * random.nextGaussian());
        }
        tensors.put(name, values.castTo(DataType.BFLOAT16));
    }
}
