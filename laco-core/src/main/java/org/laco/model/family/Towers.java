package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.TextSection;

/** The types of multimodal checkpoints whose language model doesn't name its own. */
final class Towers {
    /** The language model's type where the section names none, or the keys stand at the top level. */
    private static final ImmutableMap<String, String> TEXT_TYPES = ImmutableMap.<String, String>builder()
            .put("deepseek_vl", "llama")
            .put("gemma3", "gemma3_text")
            .put("gemma4", "gemma4_text")
            .put("got_ocr2", "qwen2")
            .put("idefics2", "mistral")
            .put("idefics3", "llama")
            .put("internvl", "qwen2")
            .put("lighton_ocr", "qwen3")
            .put("kimi_k25", "deepseek_v3")
            .put("llama4", "llama4_text")
            .put("llava", "llama")
            .put("llava_next", "llama")
            .put("llava_next_video", "llama")
            .put("llava_onevision", "qwen2")
            .put("mistral3", "mistral")
            .put("ovis2", "qwen2")
            .put("qwen2_5_vl", "qwen2_5_vl_text")
            .put("qwen2_vl", "qwen2_vl_text")
            .put("qwen3_5", "qwen3_5_text")
            .put("qwen3_5_moe", "qwen3_5_moe_text")
            .put("qwen3_vl", "qwen3_vl_text")
            .put("qwen3_vl_moe", "qwen3_vl_moe_text")
            .put("smolvlm", "llama")
            .put("video_llama_3", "qwen2")
            .put("video_llava", "llama")
            .put("vipllava", "llama")
            .buildOrThrow();

    private Towers() {}

    /** The type of the language model that a checkpoint's configuration describes. */
    static String textType(ModelConfig whole) {
        TextSection section = TextSection.of(whole);
        if (!section.key().isEmpty() && section.config().has("model_type")) {
            return section.config().string("model_type");
        }
        String type = whole.string("model_type");
        return section.isOfSeveral() ? TEXT_TYPES.getOrDefault(type, type) : type;
    }
}
