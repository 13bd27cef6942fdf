/** What commands print for people and for programs. */
package org.laco.cli.report;
