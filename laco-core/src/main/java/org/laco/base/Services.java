package org.laco.base;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the implementations of an interface that are registered on the class path, under {@code META-INF/services}. */
@Internal
public final class Services {
    private Services() {}

    /**
     * Makes one instance of every registered class.
     *
     * <p>Both the thread's class loader and the interface's own are asked: threads of a common pool may know the one of them only.
     *
     * @param <T> the interface
     * @param type the interface, whose full name is that of the files that register classes
     * @return the instances in the order of the class path
     * @throws IllegalArgumentException if a registered class can't be used; the message names it and says what it has to be
     */
    public static <T> ImmutableList<T> of(Class<T> type) {
        Set<Class<?>> seen = new LinkedHashSet<>();
        try {
            return Stream.of(Thread.currentThread().getContextClassLoader(), type.getClassLoader())
                    .filter(Objects::nonNull)
                    .distinct()
                    .flatMap(loader -> ServiceLoader.load(type, loader).stream())
                    .filter(provider -> seen.add(provider.type()))
                    .map(Provider::get)
                    .collect(ImmutableList.toImmutableList());
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException(
                    "a file META-INF/services/" + e.getMessage()
                            + ", expected the name of a public class that implements the interface and has a public constructor"
                            + " without parameters",
                    e);
        }
    }
}
