package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.TextSection;
import org.laco.model.family.Family;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorSource;

/**
 * A language model where a checkpoint keeps it: its section of the configuration, and the prefix of its tensors, beside a vision tower or
 * alone.
 *
 * <p>A family names tensors as a text model with a head has them, such as {@code model.layers.0.…} and {@code lm_head.weight}. In a
 * multimodal checkpoint these are {@code language_model.model.layers.0.…} and {@code language_model.lm_head.weight}, and a model that was
 * saved without a head has {@code layers.0.…}. The family is shown tensors by the names that it knows, and its definition then gets the
 * names that are stored, so that everything else knows only those.
 */
final class TextTower {
    /** What stands before the layers of a model that was saved without its head. */
    private static final Pattern BARE = Pattern.compile("(decoder\\.)?\\w+\\.\\d+\\..*");

    /** The classes of models with a head that gives logits. */
    private static final Pattern WITH_HEAD =
            Pattern.compile(".*(ForCausalLM|LMHeadModel|ForConditionalGeneration|ForVision2Seq|ForImageTextToText)");

    private final TextSection section;
    private final TensorSource tensors;
    private final Family family;
    private final Prefix prefix;
    private final int fed;

    private TextTower(TextSection section, TensorSource tensors, Family family, Prefix prefix) {
        this.section = section;
        this.tensors = tensors;
        this.family = family;
        this.prefix = prefix;
        this.fed = section.layersFedByVision();
    }

    /**
     * The beginnings of names.
     *
     * @param usual what a family's names begin with, its head's apart
     * @param stored what these begin with in the checkpoint
     * @param head what stands before the name of a head in the checkpoint
     */
    private record Prefix(String usual, String stored, String head) {
        /** Whether the names are those of a model that was saved with what its head stands beside. */
        boolean isNamed() {
            return stored.endsWith(usual) || stored.startsWith("model.");
        }

        boolean isUsual() {
            return usual.equals(stored) && head.isEmpty();
        }
    }

    static TextTower of(ModelConfig config, TensorSource tensors, Family family) {
        TextSection section = TextSection.of(config);
        return new TextTower(section, tensors, family, prefix(family.prefix(), tensors.names()));
    }

    /** Finds the prefix that is stored; if it is none of those that are known, the family's own, by which tensors are then missed. */
    private static Prefix prefix(String usual, List<String> names) {
        List<Prefix> towers = List.of(
                new Prefix(usual, "language_model." + usual, "language_model."),
                new Prefix(usual, "text_model." + usual, "text_model."),
                new Prefix(usual, "model.language_model.", ""),
                new Prefix(usual, "model.text_model.", ""),
                new Prefix(usual, "language_model.", ""),
                new Prefix(usual, "text_model.", ""));
        for (Prefix tower : towers) {
            if (names.stream().anyMatch(name -> name.startsWith(tower.stored))) {
                return tower;
            }
        }
        boolean bare = names.stream().noneMatch(name -> name.startsWith(usual))
                && names.stream().anyMatch(name -> BARE.matcher(name).matches());
        return new Prefix(usual, bare ? "" : usual, "");
    }

    /** The language model's configuration, with the family's defaults. */
    ModelConfig config() {
        ModelConfig config = section.config();
        for (Map.Entry<String, String> synonym : family.synonyms().entrySet()) {
            String own = synonym.getValue();
            if (isStated(synonym.getKey()) && !isStated(own)) {
                config = config.with(own, config.values().get(synonym.getKey()));
            }
        }
        return config.withDefaults(family.defaults());
    }

    private boolean isStated(String key) {
        return section.config().values().containsKey(key);
    }

    /** Writes changes of that configuration to where it was read. */
    ModelConfig written(ModelConfig changed) {
        ModelConfig written = changed;
        for (Map.Entry<String, String> synonym : family.synonyms().entrySet()) {
            String own = synonym.getValue();
            if (isStated(synonym.getKey()) && changed.values().containsKey(own)) {
                written = written.with(synonym.getKey(), changed.values().get(own));
                written = isStated(own) ? written : written.without(own);
            }
        }
        return section.written(written);
    }

    /** The whole configuration if other towers are described too, else the language model's with the family's defaults. */
    ModelConfig whole() {
        return section.key().isEmpty() ? section.whole().withDefaults(family.defaults()) : section.whole();
    }

    /** Whether the checkpoint may be one of a model without a head, since its names or its class are those of one. */
    boolean mayLackHead() {
        Object classes = section.whole().values().get("architectures");
        return !prefix.isNamed()
                || !(classes instanceof List<?> list)
                || list.stream()
                        .noneMatch(
                                name -> WITH_HEAD.matcher(String.valueOf(name)).matches());
    }

    /** What all stored names of the language model but its head's begin with. */
    String prefix() {
        return prefix.stored;
    }

    /** Whether a stored tensor is the language model's, by the prefix or as its head. */
    boolean contains(String name, Decoder decoder) {
        String head = decoder.head().weight();
        return name.startsWith(prefix.stored) || name.startsWith(head.substring(0, head.lastIndexOf('.') + 1));
    }

    /** Defines the decoder, with the names of its tensors in the checkpoint. */
    Decoder define() {
        if (prefix.isUsual()) {
            return marked(family.define(config(), tensors));
        }
        return marked(family.define(config(), new Renamed()).named(this::stored));
    }

    private String stored(String usual) {
        if (usual.startsWith(prefix.usual)) {
            return prefix.stored + usual.substring(prefix.usual.length());
        }
        String head = prefix.head + usual;
        return tensors.contains(head) || !tensors.contains(usual) ? head : usual;
    }

    /** Keeps layers apart after which a vision tower's features are added. */
    private Decoder marked(Decoder decoder) {
        if (fed == 0) {
            return decoder;
        }
        checkArgument(
                fed <= decoder.layers().size(),
                "config.json: a vision tower feeds %s layers, but the language model has %s",
                fed,
                decoder.layers().size());
        ImmutableList<Layer> layers = IntStream.range(0, decoder.layers().size())
                .mapToObj(i ->
                        decoder.layers().get(i).with("vision features", i < fed ? "added after layer " + i : "none"))
                .collect(ImmutableList.toImmutableList());
        return decoder.withLayers(layers);
    }

    /** Why a layer can't be left out. */
    Optional<String> reasonToStay(int layer) {
        return layer < fed ? Optional.of("a vision tower adds its features after it") : Optional.empty();
    }

    /** Refuses a plan that moves a layer after which a vision tower's features are added. */
    void check(CollapsePlan plan) {
        for (int i = 0; i < fed; i++) {
            checkArgument(
                    i < plan.size() && plan.layers().get(i).base().index() == i,
                    "the plan moves layer %s, but layers 0 to %s must stay where they are: a vision tower adds its features after them"
                            + " (deepstack_visual_indexes)",
                    i,
                    fed - 1);
        }
    }

    /** The tensors by the names that a family knows. */
    private final class Renamed implements TensorSource {
        @Override
        public ImmutableList<String> names() {
            return tensors.names().stream().map(this::usual).collect(ImmutableList.toImmutableList());
        }

        private String usual(String stored) {
            if (stored.startsWith(prefix.stored)) {
                return prefix.usual + stored.substring(prefix.stored.length());
            }
            return stored.startsWith(prefix.head) ? stored.substring(prefix.head.length()) : stored;
        }

        @Override
        public boolean contains(String name) {
            return tensors.contains(stored(name));
        }

        @Override
        public StoredTensor tensor(String name) {
            return tensors.tensor(stored(name));
        }

        @Override
        public void prefetch(Collection<String> names) {
            tensors.prefetch(names.stream().map(TextTower.this::stored).toList());
        }

        /** Leaves the tensors open, which belong to the model. */
        @Override
        public void close() {}
    }
}
