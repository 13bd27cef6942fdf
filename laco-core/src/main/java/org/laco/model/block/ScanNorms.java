package org.laco.model.block;

/**
 * What the time steps, writes and reads of a {@link Mamba} mixer go through before they are used.
 *
 * @param steps the norm of what the time steps come from
 * @param writes the norm of what writes the states
 * @param reads the norm of what reads the states
 */
public record ScanNorms(Block steps, Block writes, Block reads) {}
