/** The arithmetic of a forward pass behind one seam, so that it can be done by ND4J on any backend or by something faster. */
package org.laco.kernel;
