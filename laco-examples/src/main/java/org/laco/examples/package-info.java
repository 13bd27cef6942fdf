/** Runnable examples, one a task; the texts between {@code tag::} and {@code end::} are quoted by the documentation. */
package org.laco.examples;
