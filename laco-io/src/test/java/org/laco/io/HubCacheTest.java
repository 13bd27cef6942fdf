package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubCacheTest {
    private static final String COMMIT = "93efa2f097d58c2a74874c7e644dbc9b0cee75a2";
    private static final Path ID = Path.of("HuggingFaceTB", "SmolLM2-135M");

    @TempDir
    Path directory;

    private HubCache cache() {
        return HubCache.of(Map.of("HF_HUB_CACHE", directory.toString()), Path.of("home"));
    }

    private Path keep(String reference) throws IOException {
        Path kept = directory.resolve("models--HuggingFaceTB--SmolLM2-135M");
        Files.createDirectories(kept.resolve("refs"));
        Files.writeString(kept.resolve("refs/main"), reference);
        return kept;
    }

    @Test
    void isWhereTheEnvironmentSays() {
        Path home = Path.of("/home/ada");
        assertThat(HubCache.of(Map.of(), home).directory()).isEqualTo(Path.of("/home/ada/.cache/huggingface/hub"));
        assertThat(HubCache.of(Map.of("XDG_CACHE_HOME", "/var/cache"), home).directory())
                .isEqualTo(Path.of("/var/cache/huggingface/hub"));
        assertThat(HubCache.of(Map.of("HF_HOME", "/hf", "XDG_CACHE_HOME", "/var/cache"), home)
                        .directory())
                .isEqualTo(Path.of("/hf/hub"));
        assertThat(HubCache.of(Map.of("HF_HUB_CACHE", "/models", "HF_HOME", "/hf"), home)
                        .directory())
                .isEqualTo(Path.of("/models"));
        assertThat(HubCache.of(Map.of("HF_HUB_CACHE", "", "HF_HOME", " "), home).directory())
                .isEqualTo(Path.of("/home/ada/.cache/huggingface/hub"));
    }

    @Test
    void findsTheSnapshotOfTheMainCommit() throws IOException {
        Path kept = keep(COMMIT + "\n");
        Files.createDirectories(kept.resolve("snapshots/12fd25f77366fa6b3b4b768ec3050bf629380bac"));
        Path snapshot = Files.createDirectories(kept.resolve("snapshots").resolve(COMMIT));
        assertThat(cache().resolve(ID)).isEqualTo(snapshot);
    }

    @Test
    void saysWhereItLookedAndHowAModelIsFetched() {
        assertThatIOException()
                .isThrownBy(() -> cache().resolve(ID))
                .withMessage("HuggingFaceTB/SmolLM2-135M is no directory, and not in the Hugging Face cache "
                        + directory + ": fetch the model by 'hf download HuggingFaceTB/SmolLM2-135M'");
    }

    @Test
    void saysThatTheSnapshotIsMissing() throws IOException {
        Path kept = keep(COMMIT);
        assertThatIOException()
                .isThrownBy(() -> cache().resolve(ID))
                .withMessageContaining("has no " + kept.resolve("snapshots").resolve(COMMIT) + ": fetch the model by");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../etc", "main", "", "93efa2f0"})
    void refusesAReferenceThatIsNoCommit(String reference) throws IOException {
        Path kept = keep(reference);
        assertThatIOException()
                .isThrownBy(() -> cache().resolve(ID))
                .withMessage(kept.resolve("refs/main") + " holds no commit of 40 hexadecimal digits");
    }

    @Test
    void takesAPathThatExistsForOne() throws IOException {
        keep(COMMIT);
        assertThat(cache().resolve(Path.of("src", "test"))).isEqualTo(Path.of("src", "test"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SmolLM2-135M",
                "./SmolLM2/135M",
                "/nowhere/SmolLM2-135M",
                "../SmolLM2-135M",
                "a/b/c",
                "a--b/c",
                "a/b..c",
                "a/.b"
            })
    void leavesWhatIsNoIdAsItIs(String path) throws IOException {
        assertThat(cache().resolve(Path.of(path))).isEqualTo(Path.of(path));
    }

    @Test
    void namesASnapshotByItsId() {
        assertThat(HubCache.nameOf(directory.resolve("models--HuggingFaceTB--SmolLM2-135M/snapshots/" + COMMIT)))
                .isEqualTo("HuggingFaceTB/SmolLM2-135M");
        assertThat(HubCache.nameOf(Path.of("models/SmolLM2-135M/"))).isEqualTo("SmolLM2-135M");
        assertThat(HubCache.nameOf(Path.of("/snapshots/x"))).isEqualTo("x");
        assertThat(HubCache.nameOf(Path.of("/"))).isEqualTo("/");
    }
}
