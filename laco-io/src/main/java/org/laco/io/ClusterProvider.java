package org.laco.io;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Connects to a cluster by its address, registered as a service. The command line finds the one of {@code laco-spark} that way.
 *
 * <pre>{@code
 * try (Cluster cluster = new SparkClusterProvider().connect("spark://host:7077", Map.of("spark.executor.memory", "4g"))) {
 *     LayerCollapse.builder().evaluator(cluster.evaluator(checkpoint));
 * }
 * }</pre>
 */
public interface ClusterProvider {
    /**
     * Returns the address of the cluster that this process was submitted to.
     *
     * @return the address; empty for a process that was started in another way
     */
    Optional<String> submittedTo();

    /**
     * Connects to a cluster.
     *
     * @param address such as {@code spark://host:7077} or {@code local[2]}
     * @param settings the cluster's own settings by their names
     * @return the cluster, which the caller closes
     * @throws IOException if it can't be reached, or what it takes isn't on the class path; the message says what to add
     */
    Cluster connect(String address, Map<String, String> settings) throws IOException;
}
