package org.laco.kernel;

import com.google.common.base.Throwables;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4jBackend;

/** ND4J's backend, which is a dependency that a build has to choose and can forget. */
final class Backends {
    private static final String COORDINATES =
            "org.nd4j:nd4j-native, org.bytedeco:javacpp and org.bytedeco:openblas, each as it is and with the classifier of the operating "
                    + "system such as linux-x86_64, or org.nd4j:nd4j-native-platform for all systems; laco-bom has the versions";

    private Backends() {}

    /** Finds out without loading anything native. */
    static void require() {
        if (ServiceLoader.load(Nd4jBackend.class).stream().findAny().isEmpty()
                && ServiceLoader.load(Nd4jBackend.class, Nd4jBackend.class.getClassLoader()).stream()
                        .findAny()
                        .isEmpty()) {
            throw new MissingBackendException(
                    "no ND4J backend is on the class path, and laco computes by one: add " + COORDINATES, null);
        }
    }

    /** Does something that loads the backend, and tells of one whose native libraries are missing what to add. */
    static <T> T loading(Supplier<T> use) {
        require();
        try {
            return use.get();
        } catch (LinkageError e) {
            if (isMissing(e)) {
                throw new MissingBackendException(
                        "the ND4J backend on the class path can't be loaded ("
                                + Throwables.getRootCause(e).getMessage() + "): add " + COORDINATES,
                        e);
            }
            throw e;
        }
    }

    /** Whatever else fails, such as for want of memory, is no matter of coordinates. */
    private static boolean isMissing(LinkageError error) {
        return Throwables.getCausalChain(error).stream().anyMatch(Backends::tellsOfMissing)
                && Throwables.getCausalChain(error).stream()
                        .noneMatch(cause -> cause instanceof OutOfMemoryError
                                || String.valueOf(cause.getMessage()).contains("OutOfMemoryError"));
    }

    private static boolean tellsOfMissing(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof UnsatisfiedLinkError
                || cause instanceof Nd4jBackend.NoAvailableBackendException
                || cause instanceof ClassNotFoundException && message.startsWith("org.bytedeco.")
                // It has failed before, perhaps in another thread.
                || cause instanceof NoClassDefFoundError && message.contains("org.nd4j.linalg.factory.Nd4j");
    }
}
