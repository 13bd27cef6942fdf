/** The model families, one class each, that read like the models' definitions. */
package org.laco.model.family;
