package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.laco.model.block.LongRopeScaling;
import org.laco.model.block.NoScaling;
import org.laco.model.block.Rotary;
import org.laco.model.block.YarnScaling;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;

/** Rotary keys as transformers 5.24 reads them. */
class RotaryConfigTest {
    private static final Map<String, ?> YARN =
            Map.of("rope_type", "yarn", "factor", 4.0, "original_max_position_embeddings", 256);

    @Test
    void aScalingReplacesTheParametersAsAWhole() {
        Rotary rotary = read(Map.of("rope_parameters", Map.of("rope_theta", 30_000.0), "rope_scaling", YARN));
        assertThat(rotary.theta()).isEqualTo(10_000);
        assertThat(rotary.scaling()).isInstanceOf(YarnScaling.class);
    }

    @Test
    void theBaseOfAScalingIsItsOwnOrElseThatBesideIt() {
        Map<String, ?> own = ImmutableMap.<String, Object>builder()
                .putAll(YARN)
                .put("rope_theta", 20_000.0)
                .buildOrThrow();
        assertThat(read(Map.of("rope_theta", 5_000.0, "rope_scaling", own)).theta())
                .isEqualTo(20_000);
        assertThat(read(Map.of("rope_theta", 5_000.0, "rope_scaling", YARN)).theta())
                .isEqualTo(5_000);
    }

    @Test
    void anEmptyScalingReplacesNothing() {
        Rotary rotary = read(Map.of("rope_parameters", Map.of("rope_theta", 30_000.0), "rope_scaling", Map.of()));
        assertThat(rotary.theta()).isEqualTo(30_000);
        assertThat(rotary.scaling()).isEqualTo(new NoScaling());
    }

    @Test
    void weightsOfZeroInYarnAreAsIfNotGiven() {
        // 0.1 ln 4 + 1
        double plain = 1.1386294361119891;
        assertThat(attention("mscale", 0, "mscale_all_dim", 0)).isCloseTo(plain, within(1e-15));
        assertThat(attention("mscale", 0, "mscale_all_dim", 1)).isCloseTo(plain, within(1e-15));
        assertThat(attention("mscale", 1, "mscale_all_dim", 0)).isCloseTo(plain, within(1e-15));
        assertThat(attention("mscale", 1)).isCloseTo(plain, within(1e-15));
        // (0.2 ln 4 + 1) / (0.1 ln 4 + 1)
        assertThat(attention("mscale", 2, "mscale_all_dim", 1)).isCloseTo(1.121751143713058, within(1e-15));
    }

    @Test
    void turnsOfZeroInYarnAreAsIfNotGiven() {
        assertThat(yarn("beta_fast", 0, "beta_slow", 0)).isEqualTo(yarn());
        assertThat(yarn("beta_slow", 0.1)).isNotEqualTo(yarn());
    }

    @Test
    void factorsOfEachPairMeanLongRopeByAnyOfItsNames() {
        List<Double> factors = List.of(1.0, 1.5, 2.0, 2.5);
        for (String name : List.of("longrope", "su", "yarn")) {
            assertThat(read(Map.of("rope_scaling", scaling(name, factors))).scaling())
                    .isInstanceOf(LongRopeScaling.class);
        }
        assertThat(read(Map.of("rope_scaling", scaling("default", factors))).scaling())
                .isEqualTo(new NoScaling());
    }

    @Test
    void gptNeoXReadsItsBaseUnderItsOwnNameOnly() {
        Family family = new GptNeoX();
        ModelConfig config = ModelConfig.of(Map.of("rope_theta", 7.0, "rotary_emb_base", 25_000.0))
                .withDefaults(family.defaults());
        assertThat(RotaryConfig.of(config, "rotary_emb_base")
                        .partial("rotary_pct")
                        .rotary(96))
                .isEqualTo(new Rotary(24, 25_000, new NoScaling(), false));
        assertThat(family.define(config, InMemoryTensors.of(Map.of())).layers()).hasSize(44);
    }

    private static ImmutableMap<String, Object> scaling(String name, List<Double> factors) {
        return ImmutableMap.of("type", name, "short_factor", factors, "long_factor", factors);
    }

    private static double attention(Object... pairs) {
        return yarn(pairs).attentionFactor();
    }

    private static YarnScaling yarn(Object... pairs) {
        ImmutableMap.Builder<String, Object> scaling =
                ImmutableMap.<String, Object>builder().putAll(YARN);
        for (int i = 0; i < pairs.length; i += 2) {
            scaling.put((String) pairs[i], pairs[i + 1]);
        }
        return (YarnScaling)
                read(Map.of("rope_scaling", scaling.buildOrThrow())).scaling();
    }

    private static Rotary read(Map<String, ?> values) {
        ModelConfig config =
                ModelConfig.of(values).withDefaults(Map.of("rope_theta", 10_000.0, "max_position_embeddings", 1024));
        return RotaryConfig.read(config, 8);
    }
}
