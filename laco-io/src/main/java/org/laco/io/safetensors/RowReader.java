package org.laco.io.safetensors;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies stored elements that follow each other into arrays, straight from the mapping where that is aligned. */
final class RowReader {
    private final MappedTensor tensor;
    private final ElementCopy elements;
    private final int width;

    RowReader(MappedTensor tensor) {
        this.tensor = tensor;
        this.elements = new ElementCopy(tensor.dataType());
        this.width = tensor.dataType().width();
    }

    void copy(long firstByte, INDArray destination) throws SafetensorsException {
        long end = firstByte + destination.length() * width;
        for (long from = firstByte; from < end; ) {
            int length = (int) Math.min(end - from, tensor.contiguous(from));
            elements.assign(tensor.part(from, length), destination, (from - firstByte) / width);
            tensor.check(from, length);
            from += length;
        }
    }
}
