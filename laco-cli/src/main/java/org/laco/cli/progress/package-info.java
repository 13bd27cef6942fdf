/** How work goes on, shown while it goes on, and what it costs. */
package org.laco.cli.progress;
