/** Checkpoints of random weights, to measure time and memory on. */
package org.laco.synthesize;
