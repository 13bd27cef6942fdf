package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;

/** What a family's configuration can ask for that isn't computed here is refused by the key, the value and what was expected. */
class RefusedVariantsTest {
    static List<Arguments> variants() {
        return List.of(
                refused(
                        "bloom",
                        Map.of("apply_residual_connection_post_layernorm", true),
                        "apply_residual_connection_post_layernorm true is not supported for bloom, expected false"),
                refused(
                        "bloom",
                        Map.of("slow_but_exact", true, "pretraining_tp", 4),
                        "slow_but_exact true is not supported for bloom, expected false"),
                refused(
                        "gpt_bigcode",
                        Map.of("add_cross_attention", true),
                        "add_cross_attention true is not supported for gpt_bigcode, expected false"),
                refused("mpt", Map.of("expansion_ratio", 3), "expansion_ratio 3 is not supported for mpt, expected 4"),
                refused("mpt", Map.of("no_bias", false), "no_bias false is not supported for mpt, expected true"),
                refused(
                        "mpt",
                        Map.of("norm_type", "rmsnorm"),
                        "norm_type rmsnorm is not supported for mpt, expected low_precision_layernorm or layernorm"),
                refused(
                        "mpt",
                        Map.of("logit_scale", "inv_sqrt_d_model"),
                        "logit_scale inv_sqrt_d_model is not supported for mpt, expected null"),
                attention("alibi", false, "alibi false is not supported for mpt, expected true"),
                attention("alibi_bias_max", 16, "alibi_bias_max 16.0 is not supported for mpt, expected 8.0"),
                attention("prefix_lm", true, "prefix_lm true is not supported for mpt, expected false"),
                attention("qk_ln", true, "qk_ln true is not supported for mpt, expected false"),
                attention(
                        "attn_type",
                        "multiquery_attention",
                        "attn_type multiquery_attention is not supported for mpt, expected multihead_attention"));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void saysWhichVariantIsNotSupported(String type, Map<String, ?> changed, String message) {
        Family family = Families.of(type);
        ModelConfig config = ModelConfig.of(changed).withDefaults(family.defaults());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.define(config, InMemoryTensors.of(Map.of())))
                .withMessage("config.json: " + message);
    }

    private static Arguments attention(String key, Object value, String message) {
        return refused("mpt", Map.of("attn_config", Map.of(key, value)), "attn_config." + message);
    }

    private static Arguments refused(String type, Map<String, ?> changed, String message) {
        return Arguments.of(type, changed, message);
    }
}
