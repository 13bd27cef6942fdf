/** Layer collapse. */
package org.laco.examples;
