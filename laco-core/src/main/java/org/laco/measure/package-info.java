/** Measures of a model's output: similarity to another's, perplexity, multiple choice. */
package org.laco.measure;
