/**
 * The safetensors format: reading memory-mapped files and sharded directories of any size, and writing them.
 *
 * <p>Nothing here knows about models or about a library of arrays. Tensors are read where they lie in a file, or into buffers, and {@link
 * org.laco.io.safetensors.WritableTensor}s are written.
 */
package org.laco.io.safetensors;
