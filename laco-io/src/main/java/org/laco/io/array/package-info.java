/**
 * Safetensors files as ND4J arrays: reading from {@link org.laco.io.safetensors} into arrays and {@link org.laco.tensor.StoredTensor}s, and
 * writing from them.
 */
package org.laco.io.array;
