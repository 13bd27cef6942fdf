/**
 * Checkpoints: opened without loading, collapsed, and written as checkpoints again.
 *
 * <p>{@link org.laco.io.Checkpoints} opens a directory of any format that is known, {@link org.laco.io.HfCheckpoint} one of Hugging
 * Face's, {@link org.laco.io.CheckpointWriter} writes one.
 */
package org.laco.io;
