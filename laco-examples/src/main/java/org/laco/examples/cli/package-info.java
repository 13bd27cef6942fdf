/** The command line: one class a command, all of them thin layers over the library. */
package org.laco.examples.cli;
