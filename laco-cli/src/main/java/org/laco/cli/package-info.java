/** The command line {@code laco}: its main class, its exit codes and its errors. */
package org.laco.cli;
