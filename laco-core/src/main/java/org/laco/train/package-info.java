/** Post-training: what was merged is trained toward the original model, by gradients. */
package org.laco.train;
