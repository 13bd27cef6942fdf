/** Layer collapse. */
package org.laco;
