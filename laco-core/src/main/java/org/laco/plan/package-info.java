/** Plans: for each layer of a collapsed model the source layers, the rule that merges them, and the weights that were fitted. */
package org.laco.plan;
