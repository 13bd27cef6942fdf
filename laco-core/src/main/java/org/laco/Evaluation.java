package org.laco;

import com.google.common.collect.ImmutableList;

/**
 * How similar a model's output is to the original's.
 *
 * @param similarity the similarity over all calibration sequences, by the paper's metric the mean of their cosines
 * @param perSequence the similarity on each sequence
 */
public record Evaluation(double similarity, ImmutableList<Double> perSequence) {}
