package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Maps a file's data so that as few tensors as possible are cut: neighbours share a mapping while they fit in it together,
 * and only a tensor that is larger than a mapping can be gets several, cut between rows.
 */
final class FileMapper {
    /** What a buffer can hold, in whole elements of any type. */
    static final int MAX_MAPPING = Integer.MAX_VALUE - 7;

    private final FileChannel channel;
    private final int maxMapping;

    FileMapper(FileChannel channel, int maxMapping) {
        this.channel = channel;
        this.maxMapping = maxMapping;
    }

    Map<TensorEntry, Pieces> map(SafetensorsHeader header) throws IOException {
        Map<TensorEntry, Pieces> pieces = new LinkedHashMap<>();
        List<TensorEntry> neighbours = new ArrayList<>();
        for (TensorEntry tensor : header.tensors()) {
            if (!neighbours.isEmpty() && tensor.end() - neighbours.get(0).begin() > maxMapping) {
                mapTogether(header.dataStart(), neighbours, pieces);
                neighbours.clear();
            }
            if (tensor.byteLength() > maxMapping) {
                pieces.put(tensor, cut(header.dataStart(), tensor));
            } else {
                neighbours.add(tensor);
            }
        }
        mapTogether(header.dataStart(), neighbours, pieces);
        return pieces;
    }

    private void mapTogether(long dataStart, List<TensorEntry> neighbours, Map<TensorEntry, Pieces> pieces)
            throws IOException {
        if (neighbours.isEmpty()) {
            return;
        }
        long begin = neighbours.get(0).begin();
        long end = neighbours.get(neighbours.size() - 1).end();
        MappedByteBuffer mapping = channel.map(MapMode.READ_ONLY, dataStart + begin, end - begin);
        for (TensorEntry tensor : neighbours) {
            int length = (int) tensor.byteLength();
            pieces.put(
                    tensor,
                    length == 0
                            ? Pieces.EMPTY
                            : new Pieces(
                                    ImmutableList.of(mapping.slice((int) (tensor.begin() - begin), length)), length));
        }
    }

    private Pieces cut(long dataStart, TensorEntry tensor) throws IOException {
        long rows = tensor.shape().isEmpty() ? 1 : tensor.shape().get(0);
        long rowBytes = tensor.byteLength() / rows;
        boolean rowsFit = rowBytes <= maxMapping && tensor.byteLength() % rows == 0;
        long pieceBytes = rowsFit ? maxMapping / rowBytes * rowBytes : maxMapping / Long.BYTES * Long.BYTES;
        ImmutableList.Builder<MappedByteBuffer> buffers = ImmutableList.builder();
        for (long begin = tensor.begin(); begin < tensor.end(); begin += pieceBytes) {
            long length = Math.min(pieceBytes, tensor.end() - begin);
            buffers.add(channel.map(MapMode.READ_ONLY, dataStart + begin, length));
        }
        return new Pieces(buffers.build(), pieceBytes);
    }
}
