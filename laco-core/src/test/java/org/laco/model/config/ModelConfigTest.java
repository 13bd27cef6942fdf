package org.laco.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.base.Strings;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
    @Test
    void showsAValueOfTheWrongTypeAsJsonHasIt() {
        ModelConfig config = ModelConfig.of(Map.of("n", "12", "list", List.of("a", 1), "object", Map.of("k", "v")));
        assertRefused(() -> config.integer("n"), "config.json: key n is \"12\", expected an integer");
        assertRefused(() -> config.number("n"), "config.json: key n is \"12\", expected a finite number");
        assertRefused(() -> config.strings("list"), "config.json: key list is [\"a\", 1], expected a list of strings");
        assertRefused(() -> config.string("object"), "config.json: key object is {\"k\": \"v\"}, expected a string");
    }

    @Test
    void showsNoMoreOfAValueThanFitsALine() {
        ModelConfig config = ModelConfig.of(Map.of("n", Strings.repeat("9", 1_000_000)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.integer("n"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }

    @Test
    void tellsNullFromMissing() {
        ModelConfig config = ModelConfig.of(Collections.singletonMap("n", null));
        assertRefused(() -> config.integer("n"), "config.json: key n is null, expected an integer");
        assertRefused(() -> config.integer("m"), "config.json: key m is missing, expected an integer");
    }

    @Test
    void namesTheRangeThatANumberLeaves() {
        ModelConfig config = ModelConfig.of(Map.of("rope", Map.of("share", 2.0, "factor", 0), "n", 0));
        assertRefused(
                () -> config.object("rope").number("share", Range.SHARE),
                "config.json: key rope.share is 2.0, expected a number above 0 and up to 1");
        assertRefused(
                () -> config.object("rope").number("factor", Range.atLeast(1)),
                "config.json: key rope.factor is 0, expected a number from 1");
        assertRefused(
                () -> config.integer("n", Range.between(1, 8)),
                "config.json: key n is 0, expected an integer from 1 to 8");
    }

    @Test
    void takesNoNumberThatIsNotFinite() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            ModelConfig config = ModelConfig.of(Map.of("n", value, "list", List.of(1.0, value)));
            assertRefused(() -> config.number("n"), "config.json: key n is " + value + ", expected a finite number");
            assertRefused(
                    () -> config.number("n", Range.POSITIVE),
                    "config.json: key n is " + value + ", expected a number above 0");
            assertRefused(
                    () -> config.numbers("list", Range.POSITIVE),
                    "config.json: key list is [1.0, " + value + "], expected a list of numbers above 0");
        }
    }

    @Test
    void takesAWholeNumberHoweverItIsWritten() {
        ModelConfig config = ModelConfig.of(Map.of(
                "float",
                12.0,
                "decimal",
                new BigDecimal("1.2e1"),
                "tiny",
                new BigDecimal("1e-999999999"),
                "part",
                new BigDecimal("12.9"),
                "large",
                new BigDecimal("1e999999999")));
        assertThat(config.integer("float")).isEqualTo(12);
        assertThat(config.integer("decimal")).isEqualTo(12);
        assertThat(config.integer("tiny")).isZero();
        assertRefused(() -> config.integer("part"), "config.json: key part is 12.9, expected an integer");
        assertRefused(() -> config.integer("large"), "config.json: key large is 1E+999999999, expected an integer");
    }

    @Test
    void fallsToADefaultWhereAKeyIsAbsentButNotWhereItIsNull() {
        ModelConfig config = ModelConfig.of(Collections.<String, Object>singletonMap("b", null))
                .withDefaults(Map.of("a", 1, "b", 2));
        assertThat(config.integer("a")).isEqualTo(1);
        assertThat(config.has("b")).isFalse();
        assertThat(config.with("a", 3).integer("a")).isEqualTo(3);
        assertThat(config.with("c", 3).integer("a")).isEqualTo(1);
        assertThat(config.values()).containsOnlyKeys("b");
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
