/** Candidates of a search scored on the executors of Apache Spark. */
package org.laco.spark;
