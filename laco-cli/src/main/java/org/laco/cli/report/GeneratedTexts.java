package org.laco.cli.report;

import com.google.common.collect.ImmutableList;
import org.laco.measure.Continuations;

/**
 * What a model made of some prompts.
 *
 * @param prompts the prompts
 * @param tokens what the model added, as token ids
 * @param texts the same as text
 */
public record GeneratedTexts(ImmutableList<String> prompts, Continuations tokens, ImmutableList<String> texts) {}
