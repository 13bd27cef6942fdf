package org.laco.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.benchmarks.LayerDerivative.Sizes;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The step by ND4J's automatic differentiation: the layer as a graph of operations. */
final class SameDiffStep implements LayerDerivative.Step {
    private static final double THETA = 10_000;
    private static final float MASKED = -1e30f;

    private final SameDiff graph = SameDiff.create();
    private final Map<String, SDVariable> weights = new LinkedHashMap<>();
    private final Sizes sizes;
    private final List<String> wanted = new ArrayList<>();

    SameDiffStep(Sizes sizes, Map<String, INDArray> arrays, INDArray x, INDArray gradient) {
        this.sizes = sizes;
        arrays.forEach((name, array) -> weights.put(name, graph.var(name.replace('.', '_'), array)));
        SDVariable input = graph.var("x", x);
        SDVariable attended = input.add(attention(norm(input, "input_layernorm")));
        SDVariable out = attended.add(feedForward(norm(attended, "post_attention_layernorm")));
        out.mul(graph.constant("by_output", gradient)).sum().markAsLoss();
        wanted.add("x");
        arrays.keySet().forEach(name -> wanted.add(name.replace('.', '_')));
    }

    private SDVariable norm(SDVariable x, String name) {
        SDVariable length = graph.math().rsqrt(x.mul(x).mean(true, 1).add(LayerDerivative.EPSILON));
        return x.mul(length).mul(weights.get(name));
    }

    private SDVariable linear(SDVariable x, String name) {
        return graph.mmul(x, weights.get(name), false, true, false);
    }

    private SDVariable feedForward(SDVariable x) {
        SDVariable inner = graph.nn().swish(linear(x, "mlp.gate_proj")).mul(linear(x, "mlp.up_proj"));
        return linear(inner, "mlp.down_proj");
    }

    private SDVariable attention(SDVariable x) {
        int group = sizes.heads() / sizes.keyHeads();
        SDVariable queries = split(rotate(linear(x, "self_attn.q_proj"), sizes.heads()), group);
        SDVariable keys = split(rotate(linear(x, "self_attn.k_proj"), sizes.keyHeads()), 1);
        SDVariable values = split(linear(x, "self_attn.v_proj"), 1);
        SDVariable scores = graph.mmul(queries, keys, false, true, false)
                .mul(1 / Math.sqrt(sizes.headSize()))
                .add(graph.constant("mask", mask(group)));
        SDVariable weighted = graph.mmul(graph.nn().softmax(scores, -1), values);
        SDVariable joined = weighted.reshape(
                        LayerDerivative.SEQUENCES, sizes.keyHeads(), group, LayerDerivative.LENGTH, sizes.headSize())
                .permute(0, 3, 1, 2, 4)
                .reshape(LayerDerivative.ROWS, sizes.width());
        return linear(joined, "self_attn.o_proj");
    }

    private SDVariable split(SDVariable packed, int group) {
        return packed.reshape(
                        LayerDerivative.SEQUENCES, LayerDerivative.LENGTH, sizes.keyHeads(), group, sizes.headSize())
                .permute(0, 2, 3, 1, 4)
                .reshape(
                        LayerDerivative.SEQUENCES * sizes.keyHeads(), group * LayerDerivative.LENGTH, sizes.headSize());
    }

    private SDVariable rotate(SDVariable packed, int heads) {
        int pairs = sizes.headSize() / 2;
        SDVariable split = packed.reshape(LayerDerivative.ROWS, heads, sizes.headSize());
        SDVariable first = split.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(0, pairs));
        SDVariable second = split.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(pairs, 2 * pairs));
        SDVariable cosines = graph.constant("cos" + heads + packed.name(), angles(pairs, true));
        SDVariable sines = graph.constant("sin" + heads + packed.name(), angles(pairs, false));
        SDVariable turned = graph.concat(
                2,
                first.mul(cosines).sub(second.mul(sines)),
                second.mul(cosines).add(first.mul(sines)));
        return turned.reshape(LayerDerivative.ROWS, heads * sizes.headSize());
    }

    private static INDArray angles(int pairs, boolean cosine) {
        float[] values = new float[LayerDerivative.ROWS * pairs];
        for (int i = 0; i < values.length; i++) {
            int position = i / pairs % LayerDerivative.LENGTH;
            double angle = position * Math.pow(THETA, -(double) (i % pairs) / pairs);
            values[i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
        }
        return Nd4j.createFromArray(values).reshape('c', LayerDerivative.ROWS, 1, pairs);
    }

    private static INDArray mask(int group) {
        int length = LayerDerivative.LENGTH;
        float[] mask = new float[group * length * length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % length <= i / length % length ? 0 : MASKED;
        }
        return Nd4j.createFromArray(mask).reshape('c', 1, (long) group * length, length);
    }

    @Override
    public double[] run() {
        Map<String, INDArray> gradients = graph.calculateGradients(Map.of(), wanted);
        double[] norms = {
            gradients.get("x").norm2Number().doubleValue(),
            gradients.get("mlp_down_proj").norm2Number().doubleValue()
        };
        gradients.values().forEach(INDArray::close);
        return norms;
    }

    @Override
    public void close() {
        // The graph has nothing to close.
    }
}
