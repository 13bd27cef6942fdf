package org.laco.sweep;

import java.util.List;

/**
 * A text on which models are measured.
 *
 * @param name what tables call it
 * @param sequences its token ids
 */
public record SweepText(String name, List<int[]> sequences) {}
