package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.InMemoryTensors;

/** Numbers of a configuration that make no sense are refused by the key, before a tensor is looked at. */
class ConfigRangesTest {
    /** Keys that only some values of others bring into use. */
    private static final ImmutableSet<String> CONDITIONAL = ImmutableSet.of(
            "max_position_embeddings",
            "n_positions",
            "original_max_position_embeddings",
            "sliding_window",
            "max_window_layers");

    private static final ImmutableSet<String> BASES =
            ImmutableSet.of("rope_theta", "rope_local_base_freq", "rotary_emb_base");

    private static ImmutableMap<String, Object> complete(Family family) {
        Map<String, Object> values = new HashMap<>(family.defaults());
        if (family.modelTypes().contains("baichuan")) {
            values.putAll(Map.of(
                    "vocab_size", 64000,
                    "hidden_size", 4096,
                    "intermediate_size", 11008,
                    "num_hidden_layers", 32,
                    "num_attention_heads", 32,
                    "max_position_embeddings", 4096));
        }
        // What transformers leaves open and every released file says.
        if (family.modelTypes().contains("deepseek_v2")) {
            values.put("num_experts_per_tok", 6);
        }
        if (family.modelTypes().contains("dots1")) {
            values.putAll(Map.of("n_routed_experts", 128, "n_shared_experts", 2, "num_experts_per_tok", 6));
        }
        if (family.modelTypes().contains("glm4_moe")) {
            values.put("head_dim", 128);
        }
        if (family.modelTypes().contains("lfm2_moe")) {
            values.put("layer_types", Collections.nCopies(32, "conv"));
        }
        return ImmutableMap.copyOf(values);
    }

    private static Decoder define(Family family, Map<String, ?> changed) {
        ModelConfig config = ModelConfig.of(changed).withDefaults(complete(family));
        return family.define(config, InMemoryTensors.of(Map.of()));
    }

    @Test
    void everyFamilyIsDefinedByItsDefaultsAlone() {
        assertThat(Families.all())
                .allSatisfy(
                        family -> assertThat(define(family, Map.of()).layers()).isNotEmpty());
    }

    static List<Arguments> numbers() {
        ImmutableList.Builder<Arguments> cases = ImmutableList.builder();
        for (Family family : Families.all()) {
            complete(family).forEach((key, value) -> {
                if (value instanceof Number && !CONDITIONAL.contains(key)) {
                    cases.add(Arguments.of(family, key));
                }
            });
        }
        return cases.build();
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void noFamilyTakesANumberThatMakesNoSense(Family family, String key) {
        for (Object value : new Object[] {-3, -1e60, 1L << 40, Double.NaN, Double.POSITIVE_INFINITY, "1"}) {
            // A rotary base may be as large as it likes.
            if (value.equals(1L << 40) && BASES.contains(key)) {
                continue;
            }
            assertThatIllegalArgumentException()
                    .as("%s of %s", value, key)
                    .isThrownBy(() -> define(family, Map.of(key, value)))
                    .withMessageContaining("config.json: key " + key + " is ");
        }
    }

    static List<Arguments> senseless() {
        return List.of(
                refused("llama", Map.of("num_hidden_layers", Integer.MAX_VALUE), "num_hidden_layers is 2147483647"),
                refused("llama", Map.of("num_hidden_layers", 8_000_000), "num_hidden_layers is 8000000"),
                refused("llama", Map.of("num_hidden_layers", 0), "expected an integer from 1 to 16384"),
                refused("llama", Map.of("rms_norm_eps", 1e60), "rms_norm_eps is 1.0E60, expected a number from 0 to 1"),
                refused("llama", Map.of("num_attention_heads", 33), "4096 is not a multiple of the 33 attention heads"),
                refused(
                        "llama",
                        Map.of("num_key_value_heads", 5),
                        "the 32 attention heads are not a multiple of the 5 key and value heads"),
                refused("llama", Map.of("hidden_act", "tanhx"), "key hidden_act: unknown activation tanhx"),
                refused("mistral", Map.of("sliding_window", 0), "sliding_window is 0, expected an integer from 1"),
                refused("mistral", Map.of("sliding_window", -3), "sliding_window is -3"),
                refused("gemma2", Map.of("sliding_window", 0), "sliding_window is 0"),
                refused("qwen2", Map.of("use_sliding_window", true, "sliding_window", -3), "sliding_window is -3"),
                refused("phi3", Map.of("sliding_window", 0), "sliding_window is 0"),
                refused("mixtral", Map.of("num_experts_per_tok", 9), "expected an integer from 1 to 8"),
                refused("qwen3_moe", Map.of("num_experts", 0), "num_experts is 0"),
                refused("qwen3_moe", Map.of("num_local_experts", -1), "num_local_experts is -1"),
                refused("gpt2", Map.of("n_head", 7), "768 is not a multiple of the 7 attention heads"),
                refused("falcon", Map.of("n_embed", -1), "n_embed is -1"),
                refused("bloom", Map.of("n_embed", -1), "n_embed is -1"),
                refused("gpt_bigcode", Map.of("n_head", 7), "768 is not a multiple of the 7 attention heads"),
                refused("olmo", Map.of("clip_qkv", 0), "clip_qkv is 0, expected a number above 0"),
                refused("mpt", attention("clip_qkv", -1), "attn_config.clip_qkv is -1"),
                refused("mpt", attention("softmax_scale", 0), "attn_config.softmax_scale is 0"),
                refused("mpt", attention("alibi_bias_max", -1), "attn_config.alibi_bias_max is -1"),
                refused(
                        "jamba",
                        Map.of("attn_layer_offset", 8),
                        "attn_layer_offset is 8, expected an integer from 0 to 7"),
                refused("jamba", Map.of("num_experts_per_tok", 17), "num_experts_per_tok is 17"),
                refused("jamba", Map.of("mamba_dt_rank", 0), "mamba_dt_rank is 0"),
                refused("mamba", Map.of("expand", 16384, "hidden_size", 1 << 20), "makes 17179869184 channels"),
                refused(
                        "mamba2",
                        Map.of("num_heads", 7),
                        "num_heads 7 and head_dim 64 make 448 elements, but expand and hidden_size 8192"),
                refused("mamba2", Map.of("time_step_limit", List.of(1, 0)), "time_step_limit is [1.0, 0.0]"),
                refused("bamba", Map.of("mamba_n_heads", 3), "mamba_n_heads 3 doesn't divide the 8192 elements"),
                refused("falcon_h1", Map.of("mamba_d_ssm", 1000), "divide the 1000 elements that mamba_d_ssm make"),
                refused(
                        "falcon_h1",
                        Map.of("ssm_multipliers", List.of(1, 1)),
                        "ssm_multipliers has 2 entries, expected 5"),
                refused("lfm2_moe", Collections.singletonMap("layer_types", null), "key layer_types is missing"),
                refused("gptj", Map.of("rotary_dim", 258), "rotary_dim is 258, expected an even number up to 256"),
                refused("gptj", Map.of("rotary_dim", 7), "rotary_dim is 7, expected an even number up to 256"),
                refused("gptj", Map.of("tie_word_embeddings", true), "tie_word_embeddings true is not supported"),
                refused(
                        "codegen",
                        Map.of("n_embd", 6, "n_head", 1, "rotary_dim", 2),
                        "n_embd is 6, expected a multiple of 4"),
                refused("gpt_neo", Map.of("window_size", 0), "window_size is 0"),
                refused("gpt_neo", Map.of("num_layers", 12), "attention_types gives types of more than 12 layers"),
                refused("gpt_neo", Map.of("attention_types", "local"), "attention_types is local, expected a list"),
                refused(
                        "gpt_neo",
                        Map.of("attention_types", List.of(List.of(List.of("local"), 1 << 30))),
                        "attention_types[0][1] is 1073741824, expected an integer from 1 to 16384"),
                refused(
                        "gpt_neo",
                        Map.of("num_layers", 1, "attention_layers", List.of("near")),
                        "attention_layers holds near, expected global or local"),
                refused(
                        "phi",
                        rope("partial_rotary_factor", 10000.0),
                        "key rope_parameters.partial_rotary_factor is 10000.0, expected a number above 0 and up to 1"),
                refused("phi", rope("partial_rotary_factor", -1), "rope_parameters.partial_rotary_factor is -1"),
                refused("phi", rope("partial_rotary_factor", 2), "rope_parameters.partial_rotary_factor is 2"),
                refused("phi", rope("partial_rotary_factor", 0), "rope_parameters.partial_rotary_factor is 0"),
                refused("llama", rope("partial_rotary_factor", 2), "rope_parameters.partial_rotary_factor is 2"),
                refused("gpt_neox", Map.of("rotary_pct", 2), "rotary_pct is 2"),
                refused("phi", rope("partial_rotary_factor", 0.05), "3 of a head's 64 elements are rotated"),
                refused("llama", rope("rope_theta", 0), "rope_parameters.rope_theta is 0, expected a number above 1"),
                refused("llama", Map.of("rope_theta", 1), "rope_theta is 1, expected a number above 1"),
                refused("llama", scaled("linear", "factor", -1), "rope_scaling.factor is -1, expected a number from 1"),
                refused("llama", scaled("yarn", "factor", -1), "rope_scaling.factor is -1"),
                refused("llama", scaled("yarn", "factor", 2, "mscale", -1), "rope_scaling.mscale is -1"),
                refused("llama", scaled("dynamic", "factor", 0), "rope_scaling.factor is 0"),
                refused(
                        "llama",
                        scaled("llama3", "factor", 8, "low_freq_factor", 4, "high_freq_factor", 1),
                        "rope_scaling.high_freq_factor is 1, expected a number above 4"),
                refused(
                        "phi3",
                        scaled("longrope", "short_factor", List.of(1), "long_factor", List.of(1)),
                        "short_factor has 1 entries, expected 48, one for each pair of a head's rotated elements"));
    }

    @ParameterizedTest
    @MethodSource("senseless")
    void saysWhichKeyMakesNoSense(String type, Map<String, ?> changed, String message) {
        Family family = Families.of(type);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> define(family, changed))
                .withMessageStartingWith("config.json: ")
                .withMessageContaining(message);
    }

    @Test
    void aNullWindowIsNone() {
        Map<String, Object> none = Collections.singletonMap("sliding_window", null);
        assertThatCode(() -> define(new Mistral(), none)).doesNotThrowAnyException();
        assertThatCode(() -> define(new Phi3(), none)).doesNotThrowAnyException();
    }

    private static Arguments refused(String type, Map<String, ?> changed, String message) {
        return Arguments.of(type, changed, message);
    }

    private static Map<String, ?> rope(String key, Object value) {
        return Map.of("rope_parameters", Map.of(key, value));
    }

    private static Map<String, ?> attention(String key, Object value) {
        return Map.of("attn_config", Map.of(key, value));
    }

    private static Map<String, ?> scaled(String type, Object... pairs) {
        ImmutableMap.Builder<String, Object> scaling =
                ImmutableMap.<String, Object>builder().put("rope_type", type);
        for (int i = 0; i < pairs.length; i += 2) {
            scaling.put((String) pairs[i], pairs[i + 1]);
        }
        return Map.of("rope_scaling", scaling.buildOrThrow());
    }
}
