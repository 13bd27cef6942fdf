/** Options that several commands share, and what they are read into. */
package org.laco.cli.option;
