package org.laco.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointFiles;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import picocli.CommandLine;

/** The command line's own class path has laco-spark and no Spark. */
class ClusterOptionsTest {
    private static ClusterOptions options(String... arguments) {
        return CommandLine.populateCommand(new ClusterOptions(), arguments);
    }

    @Test
    void otherMachinesAreUsedOnlyWhereTheyAreAskedFor() throws IOException {
        try (ClusterOptions.Connection connection = options().connect()) {
            assertThat(connection.evaluator(new Unused())).isEmpty();
        }
    }

    @Test
    void saysInOneLineWhatToAddWhereThereIsNoSpark() {
        assertThatIOException()
                .isThrownBy(() -> options("--spark", "local[2]").connect())
                .withMessageMatching(
                        "Apache Spark isn't on the class path \\(org/apache/spark/\\w+\\): set SPARK_HOME to an "
                                + "installation of Spark 4 and give --spark on the command line itself, or use spark-submit");
    }

    @Test
    void usesTheClusterThatItWasSubmittedTo() {
        System.setProperty("spark.master", "spark://host:7077");
        try {
            assertThatIOException()
                    .isThrownBy(() -> options().connect())
                    .withMessageContaining("Apache Spark isn't on");
        } finally {
            System.clearProperty("spark.master");
        }
    }

    private record Unused() implements Checkpoint {
        @Override
        public CausalModel model() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CheckpointFiles collapsed(CollapsePlan plan, long maxShardBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
