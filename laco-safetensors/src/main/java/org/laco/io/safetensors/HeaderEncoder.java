package org.laco.io.safetensors;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Encodes what precedes a file's data: the header's length and the header, filled with spaces to a multiple of 8. */
final class HeaderEncoder {
    private HeaderEncoder() {}

    static byte[] encode(String fileName, List<WritableTensor> tensors, ImmutableMap<String, String> metadata) {
        byte[] json = json(tensors, metadata);
        int length = (json.length + 7) / 8 * 8;
        if (length > HeaderReader.MAX_LENGTH) {
            throw new IllegalArgumentException(fileName + " would have a header of " + length
                    + " bytes, expected at most " + HeaderReader.MAX_LENGTH);
        }
        byte[] padding = new byte[length - json.length];
        Arrays.fill(padding, (byte) ' ');
        return ByteBuffer.allocate(Long.BYTES + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(json)
                .put(padding)
                .array();
    }

    private static byte[] json(List<WritableTensor> tensors, ImmutableMap<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(HeaderParser.METADATA);
                for (var entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (WritableTensor tensor : tensors) {
                long end = begin + tensor.byteLength();
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeFieldName("shape");
                long[] shape = tensor.shape();
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, end}, 0, 2);
                json.writeEndObject();
                begin = end;
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
