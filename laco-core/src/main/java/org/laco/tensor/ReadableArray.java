package org.laco.tensor;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An array that isn't read yet.
 *
 * @param key which values it holds
 * @param bytes the memory that it takes
 * @param read reads it into an array that is nobody else's
 * @param free lets it go
 */
record ReadableArray(ArrayKey key, long bytes, Supplier<INDArray> read, Consumer<INDArray> free) {}
