package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds what families take for absent keys against what transformers takes; the table was printed from its configuration classes. */
class FamilyDefaultsTest {
    /** Keys that transformers knows, but that no family reads here or that say nothing where they are absent. */
    private static final ImmutableSet<String> UNREAD = ImmutableSet.of("ffn_hidden_size", "word_embed_proj_dim");

    private static final ImmutableSet<String> NOT_IN_TRANSFORMERS = ImmutableSet.of("baichuan", "kimi_k2");

    @ParameterizedTest
    @MethodSource("types")
    void takesWhatTransformersTakesForAnAbsentKey(String type) {
        Map<String, String> defaults = new LinkedHashMap<>();
        Families.of(type).defaults().forEach((key, value) -> {
            // A list or a set of parameters isn't one value in a row.
            if (!(value instanceof List || value instanceof Map) && !isSaidElsewhere(type, key)) {
                defaults.put(key, shown(value));
            }
        });
        assertThat(defaults).containsExactlyInAnyOrderEntriesOf(expected(type));
    }

    @Test
    void theTableCoversEveryFamilyThatTransformersHas() {
        assertThat(types())
                .containsAll(Families.all().stream()
                        .flatMap(family -> family.modelTypes().stream())
                        .filter(type -> !NOT_IN_TRANSFORMERS.contains(type))
                        .toList());
    }

    private static Map<String, String> expected(String type) {
        Map<String, String> expected = new LinkedHashMap<>();
        rows().filter(row -> row.get(0).equals(type) && !row.get(2).equals("null") && !UNREAD.contains(row.get(1)))
                .forEach(row -> expected.put(
                        row.get(1),
                        row.get(2).matches("-?[0-9.e-]+") ? shown(Double.valueOf(row.get(2))) : row.get(2)));
        return expected;
    }

    /** Of a checkpoint with a vision tower the whole says whether the head is tied, and Qwen's have no windows to read. */
    private static boolean isSaidElsewhere(String type, String key) {
        return type.endsWith("_vl_text")
                && rows().noneMatch(row -> row.get(0).equals(type) && row.get(1).equals(key));
    }

    private static String shown(Object value) {
        return value instanceof Number number ? String.valueOf(number.doubleValue()) : String.valueOf(value);
    }

    static List<String> types() {
        return rows().map(row -> row.get(0)).distinct().toList();
    }

    private static Stream<List<String>> rows() {
        try {
            return Resources.readLines(
                            Resources.getResource(FamilyDefaultsTest.class, "defaults.txt"), StandardCharsets.UTF_8)
                    .stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> List.of(line.split(" ")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
