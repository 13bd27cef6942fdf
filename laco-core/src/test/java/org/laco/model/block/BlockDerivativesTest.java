package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.laco.kernel.Activation;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.kernel.StateSpaceSpec;
import org.laco.tensor.SequenceLayout;

/** Holds the derivative of every block against central differences of its definition in float64. */
class BlockDerivativesTest {
    private static final int WIDTH = 6;
    private static final int INNER = 10;
    private static final int HEADS = 4;
    private static final int HEAD_SIZE = 4;
    private static final double EPSILON = 1e-3;

    /** Sequences that are computed by loops, and one of several tiles of rows. */
    private static final SequenceLayout SEQUENCES = SequenceLayout.of(List.of(5, 1, 130));

    private static final SequenceLayout ROWS = SequenceLayout.of(List.of(7, 1, 9));

    @TestFactory
    Stream<DynamicTest> agreesWithCentralDifferences() {
        return Stream.concat(
                small().entrySet().stream().map(block -> test(block, ROWS)),
                Stream.of(attentions(), recurrences())
                        .flatMap(blocks -> blocks.entrySet().stream())
                        .map(block -> test(block, SEQUENCES)));
    }

    /** Parts of layers that hand columns on to layers above, which as a whole refuse to be trained. */
    private static final ImmutableSet<String> WITHIN_CARRYING_LAYERS =
            ImmutableSet.of("LayerInput", "StoringProjection", "SharedProjection");

    @Test
    void isDefinedForEveryBlockAndProjection() {
        List<JavaClass> parts = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.laco.model").stream()
                        .filter(type -> !type.isInterface())
                        .filter(type -> type.isAssignableTo(Block.class) || type.isAssignableTo(Projection.class))
                        .filter(type -> !WITHIN_CARRYING_LAYERS.contains(type.getSimpleName()))
                        .toList();

        assertThat(parts).hasSizeGreaterThan(10).allSatisfy(type -> assertThat(
                        type.getMethods().stream().map(JavaMethod::getName))
                .as(type.getName())
                .contains("record"));
    }

    private static DynamicTest test(Map.Entry<String, Block> block, SequenceLayout sequences) {
        return dynamicTest(block.getKey(), () -> new DerivativeCheck(block.getValue(), sequences, WIDTH).run());
    }

    private static Linear up(String name) {
        return Linear.of(name, WIDTH, INNER, true);
    }

    private static Linear down(String name) {
        return Linear.of(name, INNER, WIDTH, false);
    }

    private static Block gated(String prefix) {
        return new GatedFeedForward(up(prefix + "gate"), up(prefix + "up"), down(prefix + "down"), Activation.SILU);
    }

    private static Experts experts(ExpertChoice choice) {
        return Experts.of(Linear.of("router", WIDTH, 6, false), choice, SeparateExperts.of(6, i -> gated(i + ".")));
    }

    private static Experts stacked(StackLayout layout) {
        return stacked(layout, Gate.of(Activation.SILU));
    }

    private static Experts stacked(StackLayout layout, Gate gate) {
        return Experts.of(
                Linear.of("router", WIDTH, 6, true),
                TopExperts.softmax(2).renormalised(true),
                StackedExperts.of("both", "down", 6, WIDTH, INNER, layout, gate));
    }

    private static Map<String, Block> mixtures() {
        ImmutableMap.Builder<String, Block> blocks = ImmutableMap.builder();
        blocks.put("experts", experts(TopExperts.softmax(2)));
        blocks.put("experts, renormalised", experts(TopExperts.softmax(2).renormalised(true)));
        blocks.put("one expert", experts(TopExperts.softmax(1)));
        blocks.put("all experts", experts(TopExperts.softmax(6).renormalised(true)));
        blocks.put("experts by sigmoid", experts(TopExperts.sigmoid(2)));
        blocks.put(
                "experts by shares of a larger sum",
                experts(TopExperts.sigmoid(2).dividedBy(new ShareSum(0.5, 0))));
        blocks.put(
                "experts by shares of the least sum",
                experts(TopExperts.sigmoid(2).dividedBy(new ShareSum(0, 9))));
        blocks.put(
                "experts by corrected sigmoid of the best groups",
                experts(TopExperts.sigmoid(2)
                        .corrected("correction")
                        .among(new ExpertGroups(2, 1, 2))
                        .renormalised(true)
                        .scaled(2.5)));
        blocks.put(
                "experts of the groups of the best",
                experts(TopExperts.softmax(2).among(new ExpertGroups(3, 2, 1)).scaled(1.5)));
        blocks.put("experts of scaled inputs", experts(TopExperts.sigmoid(2)).scalingInput());
        blocks.put("stacked experts", stacked(StackLayout.ROWS));
        blocks.put("stacked experts, input first", stacked(StackLayout.COLUMNS));
        blocks.put("stacked experts, interleaved", stacked(StackLayout.INTERLEAVED_COLUMNS));
        blocks.put("stacked experts, clamped", stacked(StackLayout.ROWS, new ClampedGate(0.4, 1.702)));
        blocks.put(
                "stacked experts with biases",
                Experts.of(
                        Linear.of("router", WIDTH, 6, true),
                        TopExperts.softmax(2),
                        StackedExperts.of(
                                        "both",
                                        "down",
                                        6,
                                        WIDTH,
                                        INNER,
                                        StackLayout.INTERLEAVED_COLUMNS,
                                        Gate.of(Activation.SILU))
                                .biased("both_bias", "down_bias")));
        blocks.put(
                "experts with a norm and scales of their own",
                Experts.of(
                        Sequence.of(
                                new ScaledNorm("router.scale", WIDTH, EPSILON, 0.4),
                                Linear.of("router", WIDTH, 6, false)),
                        new ScaledChoice(TopExperts.softmax(2).renormalised(true), "each"),
                        new NormedExperts(
                                RmsNorm.of("norm", WIDTH, EPSILON),
                                StackedExperts.of(
                                        "both", "down", 6, WIDTH, INNER, StackLayout.ROWS, Gate.of(Activation.SILU)))));
        blocks.put("experts chosen one after the other", experts(new SparseMixer(0.2)));
        blocks.put(
                "experts of which some compute nothing",
                Experts.of(
                        Linear.of("router", WIDTH, 6, false),
                        TopExperts.softmax(3).scaled(1.4),
                        SeparateExperts.of(6, i -> i < 4 ? gated("expert" + i + ".") : new Identity())));
        blocks.put(
                "steps with a block beside them",
                Shortcut.of(
                        gated("side."),
                        gated("a."),
                        Sequence.of(RmsNorm.of("norm", WIDTH, EPSILON), gated("b.")),
                        gated("c.")));
        blocks.put("shared expert", new SharedExpert(Linear.of("share", WIDTH, 1, false), gated("")));
        return blocks.buildOrThrow();
    }

    private static Map<String, Block> small() {
        ImmutableMap.Builder<String, Block> blocks = ImmutableMap.builder();
        blocks.put("linear", Linear.of("map", WIDTH, 9, true));
        blocks.put("linear without bias", Linear.of("map", WIDTH, 9, false));
        blocks.put("linear, input first", new Linear("map", WIDTH, 9, true, true));
        blocks.put("RMS norm", RmsNorm.of("norm", WIDTH, EPSILON));
        blocks.put("RMS norm with an offset", new RmsNorm("norm", WIDTH, EPSILON, 1));
        blocks.put("RMS norm of parts of a row", RmsNorm.of("norm", 2, EPSILON));
        blocks.put("group norm", new GroupNorm("norm", WIDTH, 3, EPSILON));
        blocks.put("layer norm", LayerNorm.of("norm", WIDTH, EPSILON));
        blocks.put("layer norm of parts of a row", LayerNorm.of("norm", 3, EPSILON));
        blocks.put(
                "layer norm without bias", LayerNorm.of("norm", WIDTH, EPSILON).withoutBias());
        blocks.put("layer norm without weights", new LayerNorm("norm", WIDTH, EPSILON, false, false));
        blocks.put(
                "layer norm with an offset",
                LayerNorm.of("norm", WIDTH, EPSILON).offset(1));
        for (Activation activation : Activation.values()) {
            blocks.put("feed-forward by " + activation, new FeedForward(up("up"), down("down"), activation));
            blocks.put(
                    "gated feed-forward by " + activation,
                    new GatedFeedForward(up("gate"), up("up"), down("down"), activation));
        }
        blocks.put(
                "fused gated feed-forward",
                new FusedGatedFeedForward(Linear.of("both", WIDTH, 2 * INNER, true), down("down"), Activation.SILU));
        blocks.put(
                "feed-forward by xIELU",
                new XieluFeedForward(Linear.of("up", WIDTH, INNER, false), down("down"), "function."));
        blocks.putAll(mixtures());
        blocks.put("parallel", Parallel.of(gated("a."), RmsNorm.of("b", WIDTH, EPSILON), gated("c.")));
        blocks.put("maps of heads", HeadMaps.of("gate", 2, 3));
        blocks.put("factors of columns", new ColumnFactors(ImmutableList.of(2, 4), ImmutableList.of(0.3, 1.7)));
        blocks.put(
                "gated feed-forward by a scaled gate",
                new GatedFeedForward(up("gate"), up("up"), down("down"), Activation.SILU, 0.4));
        blocks.put(
                "gated feed-forward with a norm within",
                new GatedFeedForward(
                        up("gate"),
                        up("up"),
                        down("down"),
                        Activation.RELU_SQUARED,
                        1,
                        Optional.of(RmsNorm.of("inner", INNER, EPSILON))));
        blocks.put("softplus", new Softplus());
        blocks.put("soft cap", new SoftCap(0.8));
        blocks.put("repeated columns", new RepeatedColumns(3));
        blocks.put(
                "joined maps", JoinedColumns.of(Linear.of("one", WIDTH, 3, true), Linear.of("other", WIDTH, 4, false)));
        blocks.put("scaled block", new Scaled(gated(""), 0.3));
        blocks.put("residual", Residual.of(RmsNorm.of("norm", WIDTH, EPSILON), gated("")));
        blocks.put("residual that is scaled", Residual.of(gated("a.")).then(new Scalar("scalar")));
        blocks.put(
                "scaled residual of two branches",
                Residual.parallel(ImmutableList.of(gated("a.")), ImmutableList.of(LayerNorm.of("b", WIDTH, EPSILON)))
                        .scaled(0.3));
        return blocks.buildOrThrow();
    }

    private static Attention.Builder attention(int keyHeads) {
        return Attention.builder(HEADS, keyHeads, HEAD_SIZE)
                .projection(new SeparateProjection(
                        Linear.of("q", WIDTH, HEADS * HEAD_SIZE, true),
                        Linear.of("k", WIDTH, keyHeads * HEAD_SIZE, false),
                        Linear.of("v", WIDTH, keyHeads * HEAD_SIZE, true)))
                .output(Linear.of("o", HEADS * HEAD_SIZE, WIDTH, true));
    }

    private static Rotary rotary(int width) {
        return new Rotary(width, 100, new NoScaling(), false);
    }

    private static Attention fused(int groups) {
        return attention(2)
                .projection(new FusedProjection(
                        Linear.of("qkv", WIDTH, (HEADS + 4) * HEAD_SIZE, true),
                        groups,
                        HEADS * HEAD_SIZE / groups,
                        2 * HEAD_SIZE / groups))
                .rotary(rotary(HEAD_SIZE))
                .build();
    }

    private static Attention latent(boolean narrowQueries, int values) {
        LatentHeads heads = new LatentHeads(HEADS, 3, 4, values);
        Linear up = Linear.of("kv_b", 5, HEADS * (3 + values), false);
        ImmutableList<Block> query = narrowQueries
                ? ImmutableList.of(
                        Linear.of("q_a", WIDTH, 5, true),
                        RmsNorm.of("q_norm", 5, EPSILON),
                        Linear.of("q_b", 5, HEADS * 7, false))
                : ImmutableList.of(Linear.of("q", WIDTH, HEADS * 7, false));
        return Attention.builder(HEADS, HEADS, heads.headSize())
                .projection(new LatentProjection(
                        query, Linear.of("kv_a", WIDTH, 5 + 4, true), RmsNorm.of("kv_norm", 5, EPSILON), up, heads))
                .output(Linear.of("o", HEADS * values, WIDTH, true))
                .valueSize(values)
                .rotary(rotary(4).onInterleavedPairs())
                .scale(0.4)
                .build();
    }

    private static Map<String, Block> attentions() {
        ImmutableMap.Builder<String, Block> blocks = ImmutableMap.builder();
        blocks.put("attention", attention(HEADS).build());
        blocks.put("attention of grouped heads", attention(2).build());
        blocks.put("attention of one key head", attention(1).scale(1.7).build());
        blocks.put("rotary attention", attention(2).rotary(rotary(HEAD_SIZE)).build());
        blocks.put("partly rotary attention", attention(2).rotary(rotary(2)).build());
        blocks.put(
                "interleaved rotary attention",
                attention(2).rotary(rotary(HEAD_SIZE).onInterleavedPairs()).build());
        blocks.put("attention in a window", attention(2).window(9).build());
        blocks.put(
                "attention in a window of more than a tile",
                attention(2).window(70).build());
        blocks.put(
                "attention with sinks",
                attention(2).sinks("self_attn.sinks").window(9).build());
        blocks.put("attention with a soft cap", attention(2).softCap(0.5).build());
        blocks.put(
                "attention with slopes",
                attention(HEADS).slopes(Alibi.slopes(HEADS)).build());
        blocks.put(
                "attention with slopes, a cap and a window",
                attention(2).slopes(Alibi.slopes(HEADS)).softCap(0.5).window(20).build());
        blocks.put(
                "attention with norms of heads",
                attention(2)
                        .queryKeyNorms(RmsNorm.of("qn", HEAD_SIZE, EPSILON), RmsNorm.of("kn", HEAD_SIZE, EPSILON))
                        .rotary(rotary(HEAD_SIZE))
                        .build());
        blocks.put(
                "attention with layer norms of heads",
                attention(2)
                        .queryKeyNorms(LayerNorm.of("qn", HEAD_SIZE, EPSILON), LayerNorm.of("kn", HEAD_SIZE, EPSILON))
                        .rotary(rotary(2))
                        .build());
        blocks.put(
                "attention with norms of rows",
                attention(2)
                        .queryKeyNorms(
                                new RmsNorm("qn", HEADS * HEAD_SIZE, EPSILON, 1),
                                LayerNorm.of("kn", 2 * HEAD_SIZE, EPSILON))
                        .rotary(rotary(HEAD_SIZE))
                        .build());
        blocks.put(
                "attention with gates",
                attention(2)
                        .projection(new GatedProjection(
                                Linear.of("q", WIDTH, 2 * HEADS * HEAD_SIZE, true),
                                Linear.of("k", WIDTH, 2 * HEAD_SIZE, false),
                                Linear.of("v", WIDTH, 2 * HEAD_SIZE, true),
                                HEAD_SIZE))
                        .queryKeyNorms(RmsNorm.of("qn", HEAD_SIZE, EPSILON), RmsNorm.of("kn", HEAD_SIZE, EPSILON))
                        .rotary(rotary(2))
                        .build());
        blocks.put(
                "attention that turns the other way round",
                attention(2)
                        .rotary(rotary(4).scaled(new ReversedScaling(new NoScaling())))
                        .build());
        blocks.put(
                "attention with gates by a map of their own",
                attention(2)
                        .projection(new OutputGateProjection(
                                new SeparateProjection(
                                        Linear.of("q", WIDTH, HEADS * HEAD_SIZE, true),
                                        Linear.of("k", WIDTH, 2 * HEAD_SIZE, false),
                                        Linear.of("v", WIDTH, 2 * HEAD_SIZE, true)),
                                Linear.of("gate", WIDTH, HEADS * HEAD_SIZE, true)))
                        .build());
        blocks.put(
                "attention to normed values that are its keys",
                attention(2)
                        .projection(new NormedProjection(
                                new KeysAsValues(
                                        Linear.of("q", WIDTH, HEADS * HEAD_SIZE, true),
                                        Linear.of("k", WIDTH, 2 * HEAD_SIZE, false)),
                                RmsNorm.of("qn", HEAD_SIZE, EPSILON),
                                RmsNorm.of("kn", HEAD_SIZE, EPSILON),
                                new UnitNorm(HEAD_SIZE, EPSILON)))
                        .rotary(rotary(HEAD_SIZE).scaled(new ProportionalScaling(1, 1)))
                        .build());
        blocks.put(
                "attention of clipped parts",
                attention(2)
                        .projection(new Clip(0.5)
                                .of(FusedProjection.inOneGroup(
                                        Linear.of("fused", WIDTH, (HEADS + 2 * 2) * HEAD_SIZE, true),
                                        HEADS * HEAD_SIZE,
                                        2 * HEAD_SIZE)))
                        .rotary(rotary(HEAD_SIZE))
                        .build());
        blocks.put(
                "attention with norms of rotated heads",
                attention(2)
                        .rotatedQueryKeyNorms(
                                RmsNorm.of("qn", HEAD_SIZE, EPSILON), RmsNorm.of("kn", HEAD_SIZE, EPSILON))
                        .rotary(rotary(HEAD_SIZE))
                        .build());
        blocks.put(
                "attention of growing queries",
                attention(2)
                        .rotary(rotary(HEAD_SIZE))
                        .queryGrowth(new QueryGrowth(0.3, 4, 1))
                        .build());
        blocks.put(
                "attention with a norm before its output",
                attention(2)
                        .outputNorm(RmsNorm.of("inner", HEADS * HEAD_SIZE, EPSILON))
                        .build());
        blocks.put(
                "attention with a gate for each head",
                new IndexedAttention(
                        attention(2)
                                .projection(new OutputGateProjection(
                                        new SeparateProjection(
                                                Linear.of("q", WIDTH, HEADS * HEAD_SIZE, true),
                                                Linear.of("k", WIDTH, 2 * HEAD_SIZE, false),
                                                Linear.of("v", WIDTH, 2 * HEAD_SIZE, false)),
                                        Sequence.of(
                                                Linear.of("gate", WIDTH, HEADS, false),
                                                new Softplus(),
                                                new RepeatedColumns(HEAD_SIZE))))
                                .gateActivation(Activation.LINEAR)
                                .build(),
                        ImmutableList.of()));
        blocks.put("attention with a fused projection", fused(1));
        blocks.put("attention with a projection fused by key head", fused(2));
        blocks.put(
                "attention with values stored before keys",
                attention(2)
                        .projection(new ValuesBeforeKeys(new FusedProjection(
                                Linear.of("qkv", WIDTH, (HEADS + 4) * HEAD_SIZE, true),
                                2,
                                HEADS * HEAD_SIZE / 2,
                                HEAD_SIZE)))
                        .rotary(rotary(HEAD_SIZE).onInterleavedPairs())
                        .build());
        blocks.put(
                "attention in chunks", attention(2).rotary(rotary(2)).chunk(50).build());
        blocks.put("latent attention", latent(true, 5));
        blocks.put("latent attention of wide values", latent(false, 11));
        blocks.put(
                "layer",
                Layer.of(
                        Residual.of(RmsNorm.of("n1", WIDTH, EPSILON), fused(1)).scaled(0.7),
                        Residual.of(
                                RmsNorm.of("n2", WIDTH, EPSILON), gated("mlp."), RmsNorm.of("n3", WIDTH, EPSILON))));
        return blocks.buildOrThrow();
    }

    private static GatedDeltaNet deltaNet(DeltaRuleSpec spec, DeltaProjection projection) {
        return new GatedDeltaNet(
                projection,
                new CausalConvolution("conv", spec.mixedWidth(), 4, false),
                Activation.SILU,
                "net",
                spec,
                RmsNorm.of("norm", spec.valueSize(), EPSILON),
                Linear.of("out", spec.valueWidth(), WIDTH, false));
    }

    private static Mamba2 mamba(StateSpaceSpec spec, boolean biased) {
        return new Mamba2(
                "mamba",
                Linear.of("in", WIDTH, spec.width() + spec.mixedWidth() + spec.heads(), biased),
                new CausalConvolution("conv", spec.mixedWidth(), 3, biased),
                Activation.SILU,
                spec,
                Optional.of(new GroupNorm("norm", spec.width(), spec.groups(), EPSILON)),
                false,
                Linear.of("out", spec.width(), WIDTH, biased));
    }

    private static Mamba2 scaledMamba(StateSpaceSpec spec, Optional<GroupNorm> norm) {
        int shared = spec.groups() * spec.stateSize();
        return new Mamba2(
                "mamba",
                Sequence.of(
                        Linear.of("in", WIDTH, spec.width() + spec.mixedWidth() + spec.heads(), true),
                        new ColumnFactors(
                                ImmutableList.of(spec.width(), spec.width(), shared, shared, spec.heads()),
                                ImmutableList.of(0.5, 1.5, 0.7, 1.2, 0.3))),
                new CausalConvolution("conv", spec.mixedWidth(), 3, true),
                Activation.SILU,
                spec,
                norm,
                true,
                Linear.of("out", spec.width(), WIDTH, false));
    }

    /** So many channels that the last group of them isn't full. */
    private static Mamba scan(Optional<ScanNorms> norms) {
        int channels = 70;
        return new Mamba(
                "mamba",
                Linear.of("in", WIDTH, 2 * channels, norms.isEmpty()),
                new CausalConvolution("conv", channels, 3, norms.isEmpty()),
                Activation.SILU,
                Linear.of("parameters", channels, 2 + 2 * 5, false),
                norms,
                Linear.of("steps", 2, channels, true),
                Linear.of("out", channels, WIDTH, norms.isEmpty()));
    }

    private static Map<String, Block> recurrences() {
        ImmutableMap.Builder<String, Block> blocks = ImmutableMap.builder();
        blocks.put("causal convolution", new CausalConvolution("conv", WIDTH, 4, false));
        blocks.put("causal convolution with a bias", new CausalConvolution("conv", WIDTH, 1, true));
        blocks.put(
                "short convolution",
                new ShortConvolution(
                        Linear.of("in", WIDTH, 3 * 5, true),
                        new CausalConvolution("conv", 5, 3, true),
                        Linear.of("out", 5, WIDTH, false)));
        DeltaRuleSpec spec = new DeltaRuleSpec(2, 4, 5, 3);
        blocks.put(
                "gated delta net",
                deltaNet(
                        spec,
                        new SeparateDeltaProjection(
                                Linear.of("qkv", WIDTH, spec.mixedWidth(), false),
                                Linear.of("z", WIDTH, spec.valueWidth(), true),
                                Linear.of("b", WIDTH, spec.valueHeads(), false),
                                Linear.of("a", WIDTH, spec.valueHeads(), false))));
        blocks.put(
                "gated delta net, fused by key head",
                deltaNet(
                        spec,
                        new FusedDeltaProjection(
                                Linear.of("qkvz", WIDTH, spec.mixedWidth() + spec.valueWidth(), true),
                                Linear.of("ba", WIDTH, 2 * spec.valueHeads(), true),
                                spec)));
        DeltaRuleSpec turning = new DeltaRuleSpec(2, 4, 5, 3, 2);
        blocks.put(
                "gated delta net of stronger updates, stored in parts",
                new GatedDeltaNet(
                        new SeparateDeltaProjection(
                                JoinedColumns.of(
                                        Linear.of("q", WIDTH, turning.keyWidth(), false),
                                        Linear.of("k", WIDTH, turning.keyWidth(), false),
                                        Linear.of("v", WIDTH, turning.valueWidth(), false)),
                                Linear.of("z", WIDTH, turning.valueWidth(), true),
                                Linear.of("b", WIDTH, turning.valueHeads(), false),
                                Linear.of("a", WIDTH, turning.valueHeads(), false)),
                        new JoinedConvolutions(ImmutableList.of(
                                new CausalConvolution("one", 11, 4, false),
                                new CausalConvolution("other", turning.mixedWidth() - 11, 4, false))),
                        Activation.SILU,
                        "net",
                        turning,
                        RmsNorm.of("norm", turning.valueSize(), EPSILON),
                        Linear.of("out", turning.valueWidth(), WIDTH, false)));
        blocks.put("Mamba 2", mamba(new StateSpaceSpec(4, 3, 2, 5, 0, Double.POSITIVE_INFINITY), false));
        blocks.put("Mamba 2 of one group and bounded steps", mamba(new StateSpaceSpec(2, 4, 1, 3, 0.8, 1.2), true));
        StateSpaceSpec heads = new StateSpaceSpec(4, 3, 2, 5, 0, Double.POSITIVE_INFINITY);
        blocks.put("Mamba 2 of scaled columns without a norm", scaledMamba(heads, Optional.empty()));
        blocks.put(
                "Mamba 2 that is normalised before its gate",
                scaledMamba(heads, Optional.of(new GroupNorm("norm", heads.width(), 2, EPSILON))));
        blocks.put("Mamba", scan(Optional.empty()));
        blocks.put(
                "Griffin's recurrence",
                new GriffinRecurrence(
                        Linear.of("x", WIDTH, 2 * 35, true),
                        Linear.of("y", WIDTH, 2 * 35, true),
                        Activation.GELU_TANH,
                        new CausalConvolution("conv", 2 * 35, 3, true),
                        HeadMaps.of("input_gate", 2, 35),
                        HeadMaps.of("decay_gate", 2, 35),
                        "rates",
                        Linear.of("out", 2 * 35, WIDTH, true)));
        blocks.put(
                "Mamba with norms",
                scan(Optional.of(new ScanNorms(
                        RmsNorm.of("step_norm", 2, EPSILON),
                        new UnitNorm(5, EPSILON),
                        RmsNorm.of("read_norm", 5, EPSILON)))));
        return blocks.buildOrThrow();
    }
}
