/** Weights of merged layers fitted in closed form, without training, so that they repair what the merge lost. */
package org.laco.fit;
