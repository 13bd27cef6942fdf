/** Files that are complete or not there, in a directory that is known to take them before anything is measured. */
package org.laco.output;
