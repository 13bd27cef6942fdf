/** Tensors where they are stored, and the weights of a layer brought to where ND4J computes. */
package org.laco.tensor;
