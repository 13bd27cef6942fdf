package org.laco.fit;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.laco.kernel.SingleThreaded;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Arithmetic;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;
import org.laco.tensor.WeightEncoding;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What of LinearPatch (<a href="https://arxiv.org/abs/2505.24680">arXiv 2505.24680</a>) can be folded into the weights of a pre-norm model: a
 * gain α of all channels where layers were left out, the multiple of the identity nearest to its matrix {@code H diag(d) Hᵀ}, α = mean(d).
 *
 * <p>All that reads the hidden states behind the gap does it through a norm, which the scale doesn't pass. So instead of multiplying the hidden
 * states by α, what the layers above add to them is divided by it: attention's output projections and the down projections, with
 * their biases. But for the small number that norms add and the rounding of the stored weights this is exact, with a tied head as well. A
 * matrix that is no multiple of an orthogonal one doesn't pass a norm, and can't be folded.
 *
 * <pre>{@code
 * CollapseResult found = LayerCollapse.builder().search(Searches.named("streamline")).targetLayers(24)
 *         .calibration(calibration).build().apply(model);
 * CollapseResult scaled = found.with(GapGain.fold(model, found.plan(), text));
 * }</pre>
 */
public final class GapGain {
    /** What a plan calls the method of weights that were divided by a gain. */
    public static final String NAME = "linearpatch-gain";

    private final ChannelScales scales;
    /** The sums of squares before and after the gap, and of products. */
    private double before;

    private double after;
    private double products;

    private GapGain(ChannelScales scales) {
        this.scales = scales;
    }

    /**
     * Estimates the gains on the original's hidden states and folds them in.
     *
     * @param stack the original model
     * @param plan which layers are left out: those that the rule {@code keep-first} merges into the one below them
     * @param calibration the sequences; every position counts, the first ones too
     * @return the plan with other weights in the layers above the lowest gap, each rounded once to its stored type
     * @throws IllegalArgumentException if the plan merges or changes weights, or there is no Hadamard matrix of the hidden width
     * @throws UnsupportedOperationException if a layer above a gap isn't pre-norm, or not all that it adds comes from linear maps; the message
     *     names the layer
     * @throws ArithmeticException if the hidden states determine no gain
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static CollapsePlan fold(LayerStack stack, CollapsePlan plan, Calibration calibration) {
        Gaps gaps = Gaps.of(stack, plan, calibration);
        plan.changedLayers().stream().findFirst().ifPresent(lowest -> plan.layers()
                .subList(lowest + 1, plan.size())
                .forEach(layer -> Fittable.of(stack).addends(layer.base().index())));
        return SingleThreaded.callIf(Arithmetic.of(stack).hasOwnThreads(), () -> fold(stack, plan, gaps));
    }

    private static CollapsePlan fold(LayerStack stack, CollapsePlan plan, Gaps gaps) {
        List<PlannedLayer> layers = new ArrayList<>(plan.layers());
        int width = gaps.width();
        double[] factors = new double[plan.size()];
        Arrays.fill(factors, 1);
        ClosedForm[] made = new ClosedForm[plan.size()];
        gaps.forEach((layer, before, after) -> {
            try (ChannelScales scales = new ChannelScales(width)) {
                GapGain gap = new GapGain(scales);
                Gaps.forEachBatch(before, after, gap::add);
                double gain = scales.gain();
                for (int above = layer + 1; above < factors.length; above++) {
                    factors[above] *= gain;
                    made[above] = new ClosedForm(NAME, 0, 1, gap.error(1), gap.error(gain));
                }
            }
        });
        for (int i = 0; i < factors.length; i++) {
            if (made[i] != null) {
                layers.set(i, divided(stack, layers.get(i), factors[i], made[i]));
            }
        }
        return CollapsePlan.of(plan.originalSize(), layers);
    }

    private void add(INDArray earlier, INDArray later, SequenceLayout sequences) {
        scales.add(earlier, later, sequences);
        try (INDArray x = earlier.castTo(DataType.DOUBLE);
                INDArray y = later.castTo(DataType.DOUBLE);
                INDArray xx = x.mul(x);
                INDArray xy = x.mul(y);
                INDArray yy = y.mul(y)) {
            before += xx.sumNumber().doubleValue();
            products += xy.sumNumber().doubleValue();
            after += yy.sumNumber().doubleValue();
        }
    }

    /** ‖Y − αX‖ / ‖Y‖. */
    private double error(double gain) {
        return Math.sqrt(Math.max(0, after - 2 * gain * products + gain * gain * before) / after);
    }

    private static PlannedLayer divided(LayerStack stack, PlannedLayer layer, double factor, ClosedForm how) {
        PlannedLayer result = layer;
        ImmutableMap<String, LayerTensor> tensors = PlannedTensors.of(stack, layer);
        for (String name : Fittable.of(stack).addends(layer.base().index())) {
            StoredTensor stored = tensors.get(name).tensor();
            WeightEncoding.require(stored);
            try (INDArray values = stored.load();
                    INDArray wide = values.castTo(DataType.DOUBLE);
                    INDArray narrow = wide.divi(factor).castTo(DataType.FLOAT)) {
                StoredTensor rounded = ArrayTensor.of(stored.name(), WeightEncoding.round(narrow, stored));
                result = FittedLayer.with(
                        result, name, new FittedTensor(how, TensorHash.sha256(rounded), Optional.of(rounded)));
            }
        }
        return result;
    }
}
