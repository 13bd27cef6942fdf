/** What layer collapse needs of a model, the calibration sequences that run through it, and the tensors of planned layers. */
package org.laco.stack;
