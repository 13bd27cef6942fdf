package org.laco.model;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Head;
import org.laco.stack.OutsideTensor;
import org.laco.stack.OutsideTensor.Part;
import org.laco.tensor.TensorSource;

/** The tensors outside of a decoder's layers that can be trained. */
final class OutsideTensors {
    private final TensorSource tensors;
    private final Map<String, OutsideTensor> found = new LinkedHashMap<>();

    private OutsideTensors(TensorSource tensors) {
        this.tensors = tensors;
    }

    static ImmutableMap<String, OutsideTensor> of(Decoder decoder, TensorSource tensors) {
        OutsideTensors outside = new OutsideTensors(tensors);
        Embedding embedding = decoder.embedding();
        outside.add(embedding.tokens(), Part.EMBEDDING);
        embedding.positions().ifPresent(name -> outside.add(name, Part.EMBEDDING));
        embedding.norm().ifPresent(norm -> outside.add(norm, Part.EMBEDDING));
        decoder.norm().ifPresent(norm -> outside.add(norm, Part.NORM));
        Head head = decoder.head();
        outside.add(head.weight(), Part.HEAD);
        if (head.biased()) {
            outside.add(head.weight().replaceAll("weight$", "bias"), Part.HEAD);
        }
        return ImmutableMap.copyOf(outside.found);
    }

    private void add(Block block, Part part) {
        block.declare(declared -> add(declared.name(), part));
    }

    /** What is listed already stays what it is, as an embedding that is the head as well. */
    private void add(String name, Part part) {
        if (tensors.contains(name)) {
            found.putIfAbsent(name, new OutsideTensor(tensors.tensor(name), part));
        }
    }
}
