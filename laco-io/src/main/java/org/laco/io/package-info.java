/** Layer collapse. */
package org.laco.io;
