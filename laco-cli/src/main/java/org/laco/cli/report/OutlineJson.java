package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.IntStream;
import org.laco.io.HfCheckpoint;
import org.laco.io.safetensors.MappedTensor;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.model.CausalModel;

/** Turns what the headers of a checkpoint say into JSON. */
public final class OutlineJson {
    private final HfCheckpoint checkpoint;

    /**
     * Takes a checkpoint.
     *
     * @param checkpoint the checkpoint
     */
    public OutlineJson(HfCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Encodes what its headers say, with every tensor.
     *
     * @return one object
     * @throws IOException if a file's size can't be read
     */
    public ObjectNode encode() throws IOException {
        CausalModel model = checkpoint.model();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("family", checkpoint.model().family().name());
        node.put("modelType", checkpoint.config().string("model_type"));
        node.put("layers", model.layerCount());
        node.put("width", model.decoder().width());
        node.put("vocabulary", model.decoder().vocabulary());
        node.put("parameters", model.parameterCount());
        Towers towers = Towers.of(model);
        node.putObject("languageModel")
                .put("prefix", model.prefix())
                .put("parameters", towers.ofLanguageModel())
                .put("hasHead", model.vocabulary() > 0);
        ObjectNode beside = node.putObject("beside");
        towers.beside().forEach(beside::put);
        node.put("tokenizer", checkpoint.hasTokenizer());
        checkpoint.compression().ifPresent(how -> node.put("compression", how));
        ArrayNode runs = node.putArray("mergeable");
        for (LayerSpan run : LayerSpan.of(model)) {
            ObjectNode properties = runs.addObject()
                    .put("first", run.first())
                    .put("last", run.last())
                    .putObject("properties");
            run.properties().forEach(properties::put);
        }
        ArrayNode kinds = node.putArray("alike");
        for (ImmutableList<LayerSpan> kind : LayerSpan.atADistance(model)) {
            ArrayNode layers = kinds.addArray();
            kind.forEach(run -> IntStream.rangeClosed(run.first(), run.last()).forEach(layers::add));
        }
        ArrayNode shards = node.putArray("shards");
        ArrayNode tensors = node.putArray("tensors");
        for (SafetensorsFile file : checkpoint.weights().mapped().files()) {
            String name = file.path().getFileName().toString();
            shards.addObject().put("file", name).put("bytes", Files.size(file.path()));
            file.tensors().forEach(tensor -> put(tensors.addObject(), tensor, name));
        }
        return node;
    }

    private static void put(ObjectNode node, MappedTensor tensor, String file) {
        node.put("name", tensor.name()).put("dtype", tensor.dtype().name());
        ArrayNode shape = node.putArray("shape");
        for (long dimension : tensor.shape()) {
            shape.add(dimension);
        }
        node.put("bytes", tensor.byteLength()).put("file", file);
    }
}
