package org.laco.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.example.laco.Largest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.merge.MergeRuleProvider;
import org.laco.service.Registration;

class ServicesTest {
    @TempDir
    private Path directory;

    @Test
    void saysWhichRegisteredClassCantBeUsed() throws Exception {
        try (Registration ignored = Registration.of(directory, MergeRuleProvider.class, "com.example.Gone")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Services.of(MergeRuleProvider.class))
                    .withMessage(
                            "a file META-INF/services/org.laco.merge.MergeRuleProvider: Provider com.example.Gone not"
                                    + " found, expected the name of a public class that implements the interface and has a public"
                                    + " constructor without parameters");
        }
    }

    @Test
    void findsAClassOnceThoughTwoClassLoadersKnowIt() throws Exception {
        try (Registration ignored =
                        Registration.of(directory.resolve("one"), MergeRuleProvider.class, Largest.class.getName());
                Registration alsoIgnored =
                        Registration.of(directory.resolve("two"), MergeRuleProvider.class, Largest.class.getName())) {
            assertThat(Services.of(MergeRuleProvider.class)).hasSize(1).hasOnlyElementsOfType(Largest.class);
        }
    }

    @Test
    void looksNowhereElseThanBesideTheInterfaceInAThreadWithoutAClassLoader() throws Exception {
        AtomicReference<Object> found = new AtomicReference<>();
        Thread thread = new Thread(() -> found.set(Services.of(MergeRuleProvider.class)));
        thread.setContextClassLoader(null);
        thread.start();
        thread.join();

        assertThat(found.get()).asList().isEmpty();
    }
}
