package org.laco.spark;

import java.net.InetAddress;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands tests the one context of Spark that a process may have: two tasks at a time in this process, each tried three times. */
final class LocalSpark implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LocalSpark.class);

    private record Running(SparkContext context) implements AutoCloseable {
        static Running start() {
            return new Running(new SparkContext(new SparkConf()
                    .setMaster("local[2,3]")
                    .setAppName("laco")
                    .set("spark.driver.host", InetAddress.getLoopbackAddress().getHostAddress())
                    .set(
                            "spark.driver.bindAddress",
                            InetAddress.getLoopbackAddress().getHostAddress())
                    .set("spark.ui.enabled", "false")));
        }

        @Override
        public void close() {
            context.stop();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
        return parameter.getParameter().getType() == SparkContext.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext extension) {
        return extension
                .getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class)
                .context();
    }
}
