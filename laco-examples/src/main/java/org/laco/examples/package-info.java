/** Runnable examples, one a task, whose text the documentation quotes. */
package org.laco.examples;
