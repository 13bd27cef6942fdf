/** The parts that decoder layers are composed of, shared by all families. */
package org.laco.model.block;
