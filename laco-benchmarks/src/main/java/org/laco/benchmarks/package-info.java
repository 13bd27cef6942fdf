/** JMH benchmarks of what a collapse spends its time on. */
package org.laco.benchmarks;
