package org.laco.kernel;

import org.laco.tensor.HostFloats;

/**
 * What attention reads and writes, each a matrix of one row a token.
 *
 * @param queries the queries, {@code [rows, heads · headSize]}
 * @param keys the keys, {@code [rows, keyValueHeads · headSize]}
 * @param values the values, as wide as the keys
 * @param out receives the weighted values, as wide as the queries
 */
record AttentionArrays(HostFloats queries, HostFloats keys, HostFloats values, HostFloats out) {}
