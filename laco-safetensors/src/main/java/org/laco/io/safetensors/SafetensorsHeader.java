package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * The header of a file, checked: its tensors fill the data without overlaps or holes.
 *
 * @param dataStart the position in the file where the data starts, which {@link TensorEntry#begin} counts from
 * @param metadata the free text under {@code __metadata__}, empty if there is none
 * @param tensors the tensors in the order of their data
 */
public record SafetensorsHeader(
        long dataStart, ImmutableMap<String, String> metadata, ImmutableList<TensorEntry> tensors) {}
