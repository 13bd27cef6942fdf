package org.laco.train;

import org.laco.tensor.StoredTensor;

/**
 * The factors of a low-rank adapter, which change a weight W into W + α/r · left · right.
 *
 * @param weight the full name of the weight in the collapsed model
 * @param left {@code [m, r]} for a weight of shape {@code [m, n]}, float32
 * @param right {@code [r, n]}, float32
 */
public record TrainedAdapter(String weight, StoredTensor left, StoredTensor right) {}
