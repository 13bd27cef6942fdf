/**
 * Matrix products by oneDNN, several times faster than ND4J's BLAS for few rows. Having this module on the class path is enough.
 */
package org.laco.onednn;
