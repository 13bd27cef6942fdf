package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** A file to be written: its name, its encoded header with the length in front, and the tensors that follow. */
final class Shard {
    private final String fileName;
    private final byte[] start;
    private final ImmutableList<WritableTensor> tensors;

    Shard(String fileName, List<? extends WritableTensor> tensors, ImmutableMap<String, String> metadata) {
        this.fileName = fileName;
        this.tensors = ImmutableList.copyOf(tensors);
        this.start = HeaderEncoder.encode(fileName, this.tensors, metadata);
    }

    String fileName() {
        return fileName;
    }

    byte[] start() {
        return start;
    }

    ImmutableList<WritableTensor> tensors() {
        return tensors;
    }

    /** Writes header and tensors; whoever writes to a file counts what each tensor writes. */
    void writeTo(WritableByteChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(start);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        for (WritableTensor tensor : tensors) {
            tensor.writeTo(channel);
        }
    }

    long dataBytes() {
        return tensors.stream().mapToLong(WritableTensor::byteLength).sum();
    }

    long totalBytes() {
        return start.length + dataBytes();
    }
}
