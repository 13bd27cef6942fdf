package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;

/** Puts tensors into the order of their data, and checks that they fill it: no overlap, no hole, nothing left over. */
final class DataOrder {
    private DataOrder() {}

    static ImmutableList<TensorEntry> check(Path path, Collection<TensorEntry> tensors, long dataLength)
            throws SafetensorsException {
        for (TensorEntry tensor : tensors) {
            checkRange(path, tensor, dataLength);
            checkSize(path, tensor);
        }
        ImmutableList<TensorEntry> ordered = ImmutableList.sortedCopyOf(
                Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end), tensors);
        TensorEntry previous = null;
        long end = 0;
        for (TensorEntry tensor : ordered) {
            if (tensor.begin() < end) {
                throw SafetensorsException.in(
                        path,
                        "tensors '%s' and '%s' overlap, their data_offsets are [%d, %d] and [%d, %d]",
                        previous.name(),
                        tensor.name(),
                        previous.begin(),
                        previous.end(),
                        tensor.begin(),
                        tensor.end());
            }
            if (tensor.begin() > end) {
                throw SafetensorsException.in(
                        path,
                        "bytes %d to %d of the data belong to no tensor, expected '%s' to begin at %d",
                        end,
                        tensor.begin(),
                        tensor.name(),
                        end);
            }
            previous = tensor;
            end = tensor.end();
        }
        if (end != dataLength) {
            throw SafetensorsException.in(
                    path,
                    "bytes %d to %d of the data belong to no tensor, expected the file to end there",
                    end,
                    dataLength);
        }
        return ordered;
    }

    private static void checkRange(Path path, TensorEntry tensor, long dataLength) throws SafetensorsException {
        if (tensor.begin() > tensor.end()) {
            throw SafetensorsException.in(
                    path,
                    "tensor '%s' has the data_offsets [%d, %d], expected the begin not to come after the end",
                    tensor.name(),
                    tensor.begin(),
                    tensor.end());
        }
        if (tensor.end() > dataLength) {
            throw SafetensorsException.in(
                    path,
                    "tensor '%s' has the data_offsets [%d, %d], expected an end of at most %d, the size of the data",
                    tensor.name(),
                    tensor.begin(),
                    tensor.end(),
                    dataLength);
        }
    }

    private static void checkSize(Path path, TensorEntry tensor) throws SafetensorsException {
        long expected;
        try {
            expected = TensorEntry.byteLength(tensor.dtype(), tensor.shape());
        } catch (ArithmeticException e) {
            throw SafetensorsException.in(
                            path,
                            "tensor '%s' of dtype %s has the shape %s, which is not a countable number of whole bytes",
                            tensor.name(),
                            tensor.dtype(),
                            tensor.shape())
                    .causedBy(e);
        }
        if (expected != tensor.byteLength()) {
            throw SafetensorsException.in(
                    path,
                    "tensor '%s' has the data_offsets [%d, %d], which hold %d bytes, expected %d for dtype %s and shape %s",
                    tensor.name(),
                    tensor.begin(),
                    tensor.end(),
                    tensor.byteLength(),
                    expected,
                    tensor.dtype(),
                    tensor.shape());
        }
    }
}
