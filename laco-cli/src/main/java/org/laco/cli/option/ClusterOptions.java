package org.laco.cli.option;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.laco.base.Services;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.io.Checkpoint;
import org.laco.io.Cluster;
import org.laco.io.ClusterProvider;
import picocli.CommandLine.Option;

/** Other machines that score candidates. */
public final class ClusterOptions {
    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            order = 54,
            description =
                    "Score candidates on Apache Spark, such as spark://host:7077 or local[2], with the result of one machine. "
                            + "SPARK_HOME says where Spark 4 is; the model lies where executors see it at the same path. With spark-submit "
                            + "this is done anyway.")
    private String master;

    @Option(
            names = "--spark-conf",
            paramLabel = "KEY=VALUE",
            order = 55,
            description = "A setting of Spark's, such as spark.executor.memory=4g; may be given several times.")
    private Map<String, String> settings = ImmutableMap.of();

    /** Where candidates are scored while a command runs. */
    public static final class Connection implements AutoCloseable {
        private final Optional<Cluster> cluster;

        private Connection(Optional<Cluster> cluster) {
            this.cluster = cluster;
        }

        /**
         * Returns what scores candidates of a checkpoint's model.
         *
         * @param checkpoint the checkpoint
         * @return empty if this process does
         */
        public Optional<EvaluatorFactory> evaluator(Checkpoint checkpoint) {
            return cluster.map(machines -> machines.evaluator(checkpoint));
        }

        @Override
        public void close() {
            cluster.ifPresent(Cluster::close);
        }
    }

    /**
     * Connects to what was asked for, or to what this process was submitted to.
     *
     * @return the connection, which the caller closes; to nothing if no other machines are wanted
     * @throws IOException if they can't be reached, or what it takes isn't on the class path
     */
    public Connection connect() throws IOException {
        List<ClusterProvider> providers = Services.of(ClusterProvider.class);
        Optional<ClusterProvider> provider = providers.stream().findFirst();
        Optional<String> address = Optional.ofNullable(master).or(() -> provider.flatMap(ClusterProvider::submittedTo));
        if (address.isEmpty()) {
            return new Connection(Optional.empty());
        }
        return new Connection(Optional.of(provider.orElseThrow(() ->
                        new IOException("--spark needs laco-spark: add its jar to the class path, beside laco-cli's"))
                .connect(address.get(), settings)));
    }
}
