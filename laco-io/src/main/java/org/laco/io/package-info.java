/**
 * Hugging Face checkpoints: opened without loading, collapsed, and written as checkpoints again.
 *
 * <p>{@link org.laco.io.HfCheckpoint} opens a directory, {@link org.laco.io.CheckpointWriter} writes one.
 */
package org.laco.io;
