/** The commands, one class each: thin layers over the library. */
package org.laco.cli.command;
