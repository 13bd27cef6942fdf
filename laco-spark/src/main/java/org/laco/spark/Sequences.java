package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.laco.stack.Calibration;

/** Sequences of token ids as JSON. */
final class Sequences {
    private Sequences() {}

    static ArrayNode encode(Calibration calibration) {
        ArrayNode sequences = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < calibration.layout().count(); i++) {
            ArrayNode sequence = sequences.addArray();
            for (int id : calibration.tokens(i)) {
                sequence.add(id);
            }
        }
        return sequences;
    }

    static Calibration decode(ArrayNode sequences) {
        List<int[]> tokens = new ArrayList<>();
        for (JsonNode sequence : sequences) {
            tokens.add(ids(sequence));
        }
        return Calibration.ofTokens(tokens);
    }

    static int[] ids(JsonNode sequence) {
        return StreamSupport.stream(sequence.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
