package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Ordering;
import java.util.List;
import org.laco.base.Services;
import org.laco.model.config.ModelConfig;

/**
 * The families that are known: this library's, and those on the class path.
 *
 * <pre>{@code
 * for (Family family : Families.all()) {
 *     System.out.println(family.name() + " " + family.modelTypes() + ": " + family.notes());
 * }
 * }</pre>
 *
 * <p>A family of one's own is found once it is registered as a service, by a line in {@code
 * META-INF/services/org.laco.model.family.Family}. It can't take a model type from another family: a model of a type for which two
 * families answer is refused, until one of them is handed over with the model.
 */
public final class Families {
    /** They stand in code, so that they are there however the class path is packed. */
    private static final ImmutableList<Family> STANDARD = ImmutableList.of(
            new Llama(),
            Llama.iquestCoder(),
            new Llama4(),
            new Baichuan(),
            new Mistral(),
            new Ministral3(),
            new Mixtral(),
            new Qwen2(),
            Qwen2.withVision(),
            new Qwen3(),
            Qwen3.withVision(),
            new Qwen2Moe(),
            new Qwen3Moe(),
            new Qwen3VlMoe(),
            new Mellum(),
            new GptOss(),
            new DeepSeek2(),
            new DeepSeek3(),
            new DeepSeek32(),
            new Glm4Moe(),
            new Qwen3Next(),
            new Qwen35(),
            new Qwen35Moe(),
            new Glm4MoeLite(),
            new GlmMoeDsa(),
            new SolarOpen(),
            new Dots1(),
            new AxK1(),
            new SarvamMla(),
            new SarvamMoe(),
            new MiniMaxM2(),
            new Gemma(),
            new Gemma2(),
            new Gemma3(),
            new Gemma4(),
            Gemma2.withoutNormsAfter(),
            new RecurrentGemma(),
            new Phi(),
            new Phi3(),
            new PhiMoe(),
            new Olmo(),
            new Olmo2(),
            new Olmo3(),
            new OlmoHybrid(),
            new OlMoe(),
            new FlexOlmo(),
            new SmolLm3(),
            new Lfm2(),
            new Lfm2Moe(),
            new Granite(),
            new GraniteMoe(),
            GraniteMoe.withSharedExpert(),
            new GraniteSliding(),
            GraniteSliding.withExperts(),
            new GraniteHybrid(),
            new NemotronH(),
            new Bamba(),
            new FalconH1(),
            new Jamba(),
            new MambaModel(),
            new Mamba2Model(),
            new FalconMamba(),
            new Starcoder2(),
            new StableLm(),
            new Cohere(),
            new Cohere2(),
            new Cohere2Moe(),
            new Glm(),
            new Glm4(),
            new Exaone(),
            new Exaone4(),
            new ExaoneMoe(),
            new HyperClovaX(),
            new Ernie45(),
            new Ernie45Moe(),
            new HunYuanDense(),
            new HunYuanMoe(),
            new HyV3(),
            new SeedOss(),
            new InternLm3(),
            new Cwm(),
            new Helium(),
            new Arcee(),
            new BitNet(),
            new AfMoe(),
            new Laguna(),
            new LongcatFlash(),
            new Apertus(),
            new NanoChat(),
            new Jais2(),
            new MiniCpm3(),
            new Youtu(),
            new Nemotron(),
            new Persimmon(),
            new Falcon(),
            new GptNeoX(),
            new Gpt1(),
            new Gpt2(),
            new GptBigCode(),
            new Opt(),
            new Xglm(),
            new BioGpt(),
            new Bloom(),
            new Mpt(),
            new GptNeo(),
            new GptJ(),
            new CodeGen());

    private Families() {}

    /**
     * Returns all families.
     *
     * @return this library's families, then those that are registered as services
     * @throws IllegalArgumentException if a registered family can't be loaded; the message names it
     */
    public static ImmutableList<Family> all() {
        return ImmutableList.<Family>builder()
                .addAll(STANDARD)
                .addAll(Services.of(Family.class))
                .build();
    }

    /**
     * Finds the family of a checkpoint's configuration, that of its language model if it has other towers too.
     *
     * @param config the configuration
     * @return the family
     * @throws IllegalArgumentException if no family answers for its {@code model_type}, or more than one does, or if it describes what
     *     can't be collapsed, such as quantised weights or an encoder-decoder; the message says what to do
     */
    public static Family of(ModelConfig config) {
        Refusals.check(config);
        return of(Towers.textType(config));
    }

    /**
     * Finds the family of a model type.
     *
     * @param modelType the value of the configuration's {@code model_type}
     * @return the family
     * @throws IllegalArgumentException if no family answers for it, with the types that are known, or if more than one does
     */
    public static Family of(String modelType) {
        ImmutableList<Family> all = all();
        List<Family> found = all.stream()
                .filter(family -> family.modelTypes().contains(modelType))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("config.json: model_type " + modelType
                    + " is not supported, expected one of the "
                    + modelTypes(all).size()
                    + " types that laco families lists");
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("config.json: several families answer for model_type " + modelType + ", "
                    + found.get(found.size() - 1).getClass().getName()
                    + " among them: take it off the class path, or open the model with the family that is meant");
        }
        return found.get(0);
    }

    private static ImmutableSortedSet<String> modelTypes(List<Family> families) {
        return families.stream()
                .flatMap(family -> family.modelTypes().stream())
                .collect(ImmutableSortedSet.toImmutableSortedSet(Ordering.natural()));
    }
}
