/** What a search costs against the model's depth. */
package org.laco.depth;
