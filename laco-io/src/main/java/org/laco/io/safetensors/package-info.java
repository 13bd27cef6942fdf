/**
 * The safetensors format: reading memory-mapped files and sharded directories of any size, and writing them.
 *
 * <p>Nothing here knows about models. Tensors are read as {@link org.laco.tensor.StoredTensor}s and written from them.
 */
package org.laco.io.safetensors;
