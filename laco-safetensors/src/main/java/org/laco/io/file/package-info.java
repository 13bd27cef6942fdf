/**
 * Reads files that anybody may have made: of a stated kind and size, so that none of them can stop a program or fill its memory. Only laco's
 * own modules use this; it may change in any version.
 */
package org.laco.io.file;
