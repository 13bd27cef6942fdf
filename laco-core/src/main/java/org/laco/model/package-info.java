/** Decoder language models computed on ND4J. */
package org.laco.model;
