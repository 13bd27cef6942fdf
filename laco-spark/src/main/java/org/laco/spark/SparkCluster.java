package org.laco.spark;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.io.Checkpoint;
import org.laco.io.Cluster;

/** A context of Spark of its own. */
final class SparkCluster implements Cluster {
    private static final String JARS = "spark.jars";
    private static final String EXECUTOR_FLAGS = "spark.executor.extraJavaOptions";
    /** Weights lie outside of Java's heap, whose limit says nothing of them. */
    private static final String FLAGS =
            "-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -XX:+IgnoreUnrecognizedVMOptions "
                    + "--enable-native-access=ALL-UNNAMED";

    private final SparkContext context;

    private SparkCluster(SparkContext context) {
        this.context = context;
    }

    static SparkCluster connect(String address, Map<String, String> settings) throws IOException {
        SparkConf conf = new SparkConf();
        settings.forEach(conf::set);
        conf.setMaster(address).setIfMissing("spark.app.name", "laco");
        conf.setIfMissing("spark.log.level", "WARN").setIfMissing("spark.ui.showConsoleProgress", "false");
        conf.setIfMissing(EXECUTOR_FLAGS, FLAGS);
        if (!conf.contains(JARS) && !address.startsWith("local")) {
            conf.set(JARS, String.join(",", ownJars()));
        }
        try {
            return new SparkCluster(new SparkContext(conf));
        } catch (RuntimeException e) {
            throw new IOException("Spark at " + address + " can't be used: " + ClusterException.firstLine(e), e);
        }
    }

    /** The jars of the class path without those that lie where Spark's own do. */
    private static ImmutableList<String> ownJars() throws IOException {
        Path spark = directoryOfSpark();
        ImmutableList.Builder<String> jars = ImmutableList.builder();
        for (String entry : Splitter.on(File.pathSeparatorChar)
                .omitEmptyStrings()
                .split(System.getProperty("java.class.path", ""))) {
            Path path = Path.of(entry).toAbsolutePath();
            // Executors log as Spark does.
            boolean logs = path.getFileName().toString().startsWith("slf4j-");
            if (Files.isRegularFile(path) && !logs && !path.getParent().equals(spark)) {
                jars.add(path.toUri().toString());
            } else if (Files.isDirectory(path)) {
                throw new IOException("executors are sent the jars of the class path, and " + path
                        + " is a directory: make a jar of it, or set " + JARS);
            }
        }
        return jars.build();
    }

    private static Path directoryOfSpark() {
        URL jar = SparkContext.class.getProtectionDomain().getCodeSource().getLocation();
        return Path.of(URI.create(jar.toString())).toAbsolutePath().getParent();
    }

    @Override
    public EvaluatorFactory evaluator(Checkpoint checkpoint) {
        return SparkEvaluator.on(context, checkpoint);
    }

    @Override
    public void close() {
        context.stop();
    }
}
