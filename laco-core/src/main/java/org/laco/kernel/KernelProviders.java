package org.laco.kernel;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Stream;
import org.laco.tensor.Precision;

/**
 * The arithmetic that is on the class path.
 *
 * <pre>{@code
 * KernelProviders.all().forEach(provider -> System.out.println(provider.name()));   // onednn, nd4j-blas, nd4j-ops
 * try (Kernels blas = KernelProviders.named("nd4j-blas").create()) {
 *     CausalModel model = checkpoint.model().with(blas);
 *     …
 * }
 * }</pre>
 */
public final class KernelProviders {
    private static final String AUTO = "auto";

    /** What follows in a name tells the arithmetic of one library apart. */
    private static final String DIVIDER = "-";

    private KernelProviders() {}

    /**
     * Returns all providers that are registered as services.
     *
     * @return the providers, the preferred first, those that can't run here included
     */
    public static ImmutableList<KernelProvider> all() {
        return ServiceLoader.load(KernelProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(KernelProvider::rank).reversed().thenComparing(KernelProvider::name))
                .collect(toImmutableList());
    }

    /**
     * Finds the preferred provider that can run here.
     *
     * @return the one of highest rank
     * @throws IllegalStateException if none can run, or none is on the class path
     */
    public static KernelProvider best() {
        ImmutableList<KernelProvider> all = all();
        return all.stream()
                .filter(KernelProvider::isAvailable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no arithmetic can run here, of " + names(all)
                        + "; laco-core's own is registered in META-INF/services/org.laco.kernel.KernelProvider"));
    }

    /**
     * Finds a provider by its name, or by what comes before the first dash of it: {@code nd4j} is the preferred of {@code nd4j-blas} and
     * {@code nd4j-ops} that can run here.
     *
     * @param name the name, in any case
     * @return the provider, which can run here
     * @throws IllegalArgumentException if there is none of that name, or it can't run here
     */
    public static KernelProvider named(String name) {
        return find(
                name,
                names -> "no arithmetic is named " + name + ", expected one of " + names,
                names -> "the arithmetic " + name + " can't run here, expected one of " + names);
    }

    /** Finds the provider that the system property {@link Kernels#PROPERTY} asks for. */
    static KernelProvider ofProperty() {
        String value = System.getProperty(Kernels.PROPERTY, AUTO);
        String subject = "the system property " + Kernels.PROPERTY + " is " + value;
        // What is created multiplies in float32; another precision is asked of a model, not of the whole process.
        if (Precision.BFLOAT16.toString().equalsIgnoreCase(value)) {
            throw new IllegalArgumentException(
                    subject + ", but every number that decides is float32's: a first look at candidates in "
                            + "bfloat16 is asked for by --screen bfloat16, in Java by screening(Screening.bfloat16())");
        }
        boolean anyOne =
                AUTO.equalsIgnoreCase(value) || Precision.FLOAT32.toString().equalsIgnoreCase(value);
        return anyOne
                ? best()
                : find(
                        value,
                        names -> subject + ", which names no arithmetic, expected auto or one of " + names,
                        names -> subject + ", which can't run here, expected auto or one of " + names);
    }

    private static KernelProvider find(
            String name, Function<List<String>, String> unknown, Function<List<String>, String> unavailable) {
        String wanted = name.toLowerCase(Locale.ROOT);
        ImmutableList<KernelProvider> all = all();
        ImmutableList<KernelProvider> same = Stream.concat(
                        all.stream().filter(one -> one.name().equals(wanted)),
                        all.stream().filter(one -> one.name().startsWith(wanted + DIVIDER)))
                .collect(toImmutableList());
        if (same.isEmpty()) {
            throw new IllegalArgumentException(unknown.apply(names(all)));
        }
        return same.stream()
                .filter(KernelProvider::isAvailable)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(unavailable.apply(
                        names(all.stream().filter(KernelProvider::isAvailable).collect(toImmutableList())))));
    }

    private static ImmutableList<String> names(ImmutableList<KernelProvider> providers) {
        return providers.stream().map(KernelProvider::name).collect(toImmutableList());
    }
}
