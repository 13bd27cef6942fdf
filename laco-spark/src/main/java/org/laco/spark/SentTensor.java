package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.stream.StreamSupport;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;

/** A weight as bytes: a line that says what it is, then its elements. */
final class SentTensor {
    private SentTensor() {}

    static byte[] encode(StoredTensor tensor) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ObjectNode head = Message.object();
        head.put("name", tensor.name()).put("type", tensor.dataType().name());
        ArrayNode shape = head.putArray("shape");
        for (long dimension : tensor.shape()) {
            shape.add(dimension);
        }
        bytes.writeBytes((head + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            tensor.writeTo(Channels.newChannel(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    static StoredTensor decode(byte[] bytes) {
        int end = Bytes.indexOf(bytes, (byte) '\n');
        JsonNode head = Message.read(new String(bytes, 0, end, StandardCharsets.UTF_8));
        try {
            return ArrayTensor.read(
                    head.get("name").asText(),
                    DataType.valueOf(head.get("type").asText()),
                    StreamSupport.stream(head.get("shape").spliterator(), false)
                            .mapToLong(JsonNode::longValue)
                            .toArray(),
                    Channels.newChannel(new ByteArrayInputStream(bytes, end + 1, bytes.length - end - 1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
