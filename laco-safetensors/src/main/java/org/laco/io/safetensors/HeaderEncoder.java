package org.laco.io.safetensors;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Longs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

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
        StringJoiner entries = new StringJoiner(",", "{", "}");
        if (!metadata.isEmpty()) {
            StringJoiner texts = new StringJoiner(",", "{", "}");
            metadata.forEach((key, text) -> texts.add(JsonText.quoted(key) + ":" + JsonText.quoted(text)));
            entries.add(JsonText.quoted(HeaderParser.METADATA) + ":" + texts);
        }
        long begin = 0;
        for (WritableTensor tensor : tensors) {
            long end = begin + tensor.byteLength();
            entries.add(JsonText.quoted(tensor.name()) + ":{\"dtype\":\"" + tensor.dtype() + "\",\"shape\":["
                    + Longs.join(",", tensor.shape()) + "],\"data_offsets\":[" + begin + "," + end + "]}");
            begin = end;
        }
        return entries.toString().getBytes(StandardCharsets.UTF_8);
    }
}
