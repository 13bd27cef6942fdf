/** How alike the layers of a model are, as tables and heatmaps. */
package org.laco.similarity;
