package org.laco.model.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.laco.base.Internal;

/**
 * The part of a checkpoint's configuration that describes its language model: all of it in a text model, {@code text_config} or {@code
 * llm_config} in a multimodal one, or all of it there too, as Qwen 2 VL was released.
 *
 * <pre>{@code
 * TextSection section = TextSection.of(checkpoint.config());
 * section.config().integer("num_hidden_layers");
 * }</pre>
 */
@Internal
public final class TextSection {
    private static final ImmutableList<String> KEYS = ImmutableList.of("text_config", "llm_config");
    private static final ImmutableList<String> OTHER_TOWERS =
            ImmutableList.of("vision_config", "audio_config", "speech_config");
    private static final String TIED = "tie_word_embeddings";

    /** Types whose embedding is the head where nothing is said, unlike that of a text model of the same family. */
    private static final ImmutableSet<String> TIED_TYPES = ImmutableSet.of(
            "aya_vision", "deepseek_vl", "gemma3", "got_ocr2", "internvl", "lighton_ocr", "mistral3", "ovis2");

    /** Types whose vision tower adds features after as many of the lowest layers as it has indexes, three where it says nothing. */
    private static final ImmutableSet<String> DEEPSTACK_TYPES = ImmutableSet.of("qwen3_vl", "qwen3_vl_moe");

    private static final String DEEPSTACK = "deepstack_visual_indexes";

    private final ModelConfig whole;
    private final String key;
    private final ModelConfig config;

    private TextSection(ModelConfig whole, String key, ModelConfig config) {
        this.whole = whole;
        this.key = key;
        this.config = config;
    }

    /**
     * Finds the section.
     *
     * @param whole the content of {@code config.json}
     * @return the section, which is the whole if the language model has no object of its own
     */
    public static TextSection of(ModelConfig whole) {
        for (String key : KEYS) {
            if (whole.has(key)) {
                return new TextSection(whole, key, tied(whole, whole.object(key)));
            }
        }
        return new TextSection(whole, "", whole);
    }

    /** The tie is that of the top level; checkpoints from before transformers 5 have it in the section, where the top says false. */
    private static ModelConfig tied(ModelConfig whole, ModelConfig section) {
        if (whole.has(TIED)) {
            return section.with(TIED, whole.flag(TIED, false) || section.flag(TIED, false));
        }
        boolean byDefault = !section.has(TIED) && TIED_TYPES.contains(whole.string("model_type", ""));
        return byDefault ? section.with(TIED, true) : section;
    }

    /**
     * Returns after how many of the lowest layers a vision tower adds features of its own.
     *
     * @return the number of layers, 0 for none
     */
    public int layersFedByVision() {
        if (!whole.has("vision_config")) {
            return 0;
        }
        ModelConfig vision = whole.object("vision_config");
        if (vision.has(DEEPSTACK)) {
            return vision.integers(DEEPSTACK).size();
        }
        return DEEPSTACK_TYPES.contains(whole.string("model_type", "")) ? 3 : 0;
    }

    /**
     * Returns the language model's configuration.
     *
     * @return the section with the tie of embedding and head that holds for it
     */
    public ModelConfig config() {
        return config;
    }

    /**
     * Returns the configuration that this is a section of.
     *
     * @return the whole
     */
    public ModelConfig whole() {
        return whole;
    }

    /**
     * Returns which object of the whole this is.
     *
     * @return its key, empty if it is the whole
     */
    public String key() {
        return key;
    }

    /**
     * Returns whether the configuration describes other towers too.
     *
     * @return true if there is an object of its own for this one, or one for another
     */
    public boolean isOfSeveral() {
        return !key.isEmpty() || OTHER_TOWERS.stream().anyMatch(whole::has);
    }

    /**
     * Writes changes of the language model's configuration to where it was read.
     *
     * @param changed the configuration of {@link #config} with other values for some keys
     * @return the whole with these values, in copies of them at the top level too
     */
    public ModelConfig written(ModelConfig changed) {
        Map<String, Object> changes = new LinkedHashMap<>();
        changed.values().forEach((name, value) -> {
            if (!Objects.equals(value, config.values().get(name))) {
                changes.put(name, value);
            }
        });
        if (key.isEmpty()) {
            return whole.withAll(changes);
        }
        Map<String, Object> copies = new LinkedHashMap<>();
        changes.forEach((name, value) -> {
            if (whole.has(name)
                    && Objects.equals(whole.values().get(name), config.values().get(name))) {
                copies.put(name, value);
            }
        });
        copies.put(key, whole.object(key).withAll(changes).values());
        return whole.withAll(copies);
    }
}
