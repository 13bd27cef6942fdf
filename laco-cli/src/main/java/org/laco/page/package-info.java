/** Pages and pictures that need nothing else: markup, plots, heatmaps and layer maps, for light and dark surroundings. */
package org.laco.page;
