package example.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.kernel.KernelProvider;
import org.laco.kernel.KernelProviders;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arithmetic that comes from outside of laco, on a class path with a service file of its own. */
class OwnArithmeticTest {
    @TempDir
    private Path classPath;

    private ClassLoader usual;
    private URLClassLoader extended;

    @BeforeEach
    void rememberTheClassPath() {
        usual = Thread.currentThread().getContextClassLoader();
    }

    @AfterEach
    void restoreTheClassPath() throws IOException {
        Thread.currentThread().setContextClassLoader(usual);
        System.clearProperty(Kernels.PROPERTY);
        if (extended != null) {
            extended.close();
        }
    }

    @SafeVarargs
    private void register(Class<? extends KernelProvider>... providers) throws IOException {
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.write(
                services.resolve(KernelProvider.class.getName()),
                Stream.of(providers).map(Class::getName).toList());
        extended = new URLClassLoader(new URL[] {classPath.toUri().toURL()}, usual);
        Thread.currentThread().setContextClassLoader(extended);
    }

    private static ImmutableList<String> names() {
        return KernelProviders.all().stream().map(KernelProvider::name).collect(ImmutableList.toImmutableList());
    }

    @Test
    void isNd4jsUnlessThereIsOther() {
        assertThat(names()).containsExactly("nd4j-blas", "nd4j-ops");
        assertThat(Kernels.ofBackend().name()).isEqualTo(Kernels.ofNd4j().name());
    }

    @Test
    void isListedByRank() throws IOException {
        register(WorstProvider.class, BestProvider.class, AbsentProvider.class);

        assertThat(names()).containsExactly("fpga", "mine", "nd4j-blas", "nd4j-ops", "mine-slow");
    }

    @Test
    void isUsedIfItsRankIsTheHighestOfThoseThatCanRun() throws IOException {
        register(AbsentProvider.class, BestProvider.class);

        assertThat(KernelProviders.best()).isInstanceOf(BestProvider.class);
        assertThat(Kernels.ofBackend().name()).isEqualTo("products of mine");
    }

    @Test
    void isChosenByNameWhateverItsRank() throws IOException {
        register(WorstProvider.class, BestProvider.class);

        System.setProperty(Kernels.PROPERTY, "Mine-Slow");

        assertThat(Kernels.ofBackend().name()).isEqualTo("products of mine-slow");
    }

    @Test
    void isChosenByItsWholeNameBeforeOthersThatBeginWithIt() throws IOException {
        register(WorstProvider.class, BestProvider.class);

        assertThat(KernelProviders.named("mine")).isInstanceOf(BestProvider.class);
        assertThat(KernelProviders.named("nd4j").name()).isEqualTo("nd4j-blas");
    }

    @Test
    void isTheBestWhereThePropertyAsksForFloat32() throws IOException {
        register(BestProvider.class);

        for (String value : ImmutableList.of("auto", "float32", "FLOAT32")) {
            System.setProperty(Kernels.PROPERTY, value);
            assertThat(Kernels.ofBackend().name()).isEqualTo("products of mine");
        }
    }

    @Test
    void isNotAskedForBfloat16() throws IOException {
        register(BestProvider.class);

        for (String value : ImmutableList.of("bfloat16", "BFLOAT16")) {
            System.setProperty(Kernels.PROPERTY, value);
            assertThatThrownBy(Kernels::ofBackend)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the system property laco.kernels is " + value
                            + ", but every number that decides is float32's: a first look at candidates in bfloat16 is asked for "
                            + "by --screen bfloat16, in Java by screening(Screening.bfloat16())");
        }
    }

    @Test
    void computes() throws IOException {
        register(BestProvider.class);
        INDArray x = Nd4j.createFromArray(new float[][] {{1, 2}});
        INDArray weight = Nd4j.createFromArray(new float[][] {{3, 4}, {5, 6}, {7, 8}});

        try (Kernels kernels = KernelProviders.named("mine").create()) {
            assertThat(kernels.linear(x, weight, null)).isEqualTo(Nd4j.createFromArray(new float[][] {{11, 17, 23}}));
        }
    }

    @Test
    void isNamedWhereItIsLookedForInVain() throws IOException {
        register(AbsentProvider.class, BestProvider.class);

        System.setProperty(Kernels.PROPERTY, "mkl");
        assertThatThrownBy(Kernels::ofBackend)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the system property laco.kernels is mkl, which names no arithmetic, expected auto or one of"
                                + " [fpga, mine, nd4j-blas, nd4j-ops]");
        System.setProperty(Kernels.PROPERTY, "fpga");
        assertThatThrownBy(Kernels::ofBackend)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the system property laco.kernels is fpga, which can't run here, expected auto or one of"
                        + " [mine, nd4j-blas, nd4j-ops]");
        assertThatThrownBy(() -> KernelProviders.named("mkl"))
                .hasMessage("no arithmetic is named mkl, expected one of [fpga, mine, nd4j-blas, nd4j-ops]");
        assertThatThrownBy(() -> KernelProviders.named("fpga"))
                .hasMessage("the arithmetic fpga can't run here, expected one of [mine, nd4j-blas, nd4j-ops]");
    }
}
