package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @TempDir
    Path directory;

    private Path write(String content) throws IOException {
        return Files.writeString(directory.resolve("file.json"), content);
    }

    @Test
    void readsTheNumbersThatPythonWrites() throws IOException {
        ObjectNode read = new Json().readObject(write("{\"a\": [0.0, Infinity, -Infinity], \"b\": NaN}"));
        assertThat(read.get("a").get(1).doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(read.get("a").get(2).doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(read.get("b").doubleValue()).isNaN();
    }

    @Test
    void writesAConfigurationBackWithTheNumbersThatPythonReads() throws IOException {
        Path file = write("{\n  \"time_step_limit\" : [ 0.0, Infinity ],\n  \"x\" : NaN,\n  \"layers\" : 4\n}\n");
        ConfigFile config = ConfigFile.read(file);
        assertThat(new String(config.encode(config.config()), StandardCharsets.UTF_8))
                .isEqualTo(Files.readString(file));
        assertThat(new String(config.encode(config.config().with("layers", 3)), StandardCharsets.UTF_8))
                .isEqualTo(Files.readString(file).replace("4", "3"));
        assertThat(config.config().values().get("time_step_limit"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .element(1)
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void passesOverAByteOrderMark() throws IOException {
        assertThat(new Json().readObject(write("\uFEFF{\"a\": 1}")).get("a").intValue())
                .isEqualTo(1);
    }

    @Test
    void saysWhichKeyIsThereTwice() throws IOException {
        Path file = write("{\n  \"use_cache\": true,\n  \"x\": {\"y\": 1},\n  \"use_cache\": false\n}");
        assertThatThrownBy(() -> new Json().readObject(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": not valid JSON, line ")
                .hasMessageEndingWith(": key use_cache is there twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\": 1",
                "{\"a\": 1,}",
                "{'a': 1}",
                "{a: 1}",
                "{\"a\": True}",
                "{\"a\": +1}",
                "{\"a\": .5}",
                "{\"a\": 1.}",
                "{\"a\": 01}",
                "{\"a\": \"\t\"}",
                "{\"a\": \"\\x\"}",
                "{\"a\": 1} // end",
                "{\"a\": 1} {}",
                "{\"a\": \"\u0000\"}",
                "{\"a\": 1, \"a\": 2}",
                "{\"a\": nan}",
                "{\"a\": -NaN}",
                "{\"a\": 0x1}",
                "{\"a\": undefined}",
                "[1]",
                "\"{\""
            })
    void saysWhatIsWrongWithoutWordsOfTheParserItself(String content) throws IOException {
        Path file = write(content);
        assertThatThrownBy(() -> new Json().readObject(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .satisfies(e -> assertThat(e.getMessage())
                        .doesNotContainPattern("Feature|ObjectNode|JsonToken|enable|[Jj]ackson|Source|`")
                        .hasSizeLessThan(file.toString().length() + 300));
    }

    @Test
    void refusesDeepAndLongInputInShortLines() throws IOException {
        for (String value : List.of("[".repeat(5000), "1".repeat(5000), "\"" + "x".repeat(30_000_000) + "\"")) {
            Path file = write("{\"a\": " + value + "}");
            assertThatThrownBy(() -> new Json().readObject(file))
                    .isInstanceOf(IOException.class)
                    .satisfies(e -> assertThat(e.getMessage())
                            .endsWith("a name, a number or a nesting is larger than makes sense"));
        }
    }

    @Test
    void saysThatAPointerIsNotTheFile() throws IOException {
        Path file = write("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
        assertThatThrownBy(() -> new Json().readObject(file))
                .hasMessage(file + " is a Git LFS pointer in place of the file: fetch the files, as by git lfs pull");
    }
}
