/** Scores of planned models: which hidden states are kept, which candidates run together, and how much memory that takes. */
package org.laco.evaluate;
