package org.laco.spark;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.laco.io.Cluster;
import org.laco.io.ClusterProvider;

/**
 * Connects to Apache Spark. The address is what Spark calls a master: {@code spark://host:7077}, {@code yarn}, {@code k8s://…} or, in this
 * process, {@code local[2]}.
 *
 * <p>Executors are sent the jars of the class path that aren't Spark's.
 */
public final class SparkClusterProvider implements ClusterProvider {
    /** What spark-submit sets. */
    private static final String MASTER = "spark.master";

    /** Makes the provider. */
    public SparkClusterProvider() {}

    @Override
    public Optional<String> submittedTo() {
        return Optional.ofNullable(System.getProperty(MASTER));
    }

    @Override
    public Cluster connect(String address, Map<String, String> settings) throws IOException {
        try {
            return SparkCluster.connect(address, settings);
        } catch (NoClassDefFoundError e) {
            throw new IOException(
                    "Apache Spark isn't on the class path (" + e.getMessage()
                            + "): set SPARK_HOME to an installation of Spark 4 and give --spark on the command line itself, or use "
                            + "spark-submit",
                    e);
        }
    }
}
