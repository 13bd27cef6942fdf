package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A mixture of experts (Shazeer et al., arXiv 1701.06538): each row goes through the few experts that the router prefers, {@code Σ p_e
 * · expert_e(x)} over the experts e of the largest p, where p is the softmax of the router's outputs.
 *
 * @param router the map to one score an expert
 * @param experts the experts
 * @param chosen the number of experts that a row goes through
 * @param renormalised whether the chosen experts' p are divided by their sum
 */
public record Experts(Linear router, ImmutableList<Block> experts, int chosen, boolean renormalised) implements Block {
    /** Checks that there are as many experts as the router scores, and enough of them. */
    public Experts {
        checkArgument(
                router.out() == experts.size() && chosen > 0 && chosen <= experts.size(),
                "a router of %s outputs can't choose %s of %s experts",
                router.out(),
                chosen,
                experts.size());
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Routing routing;
        try (INDArray scores = router.apply(x, weights, pass)) {
            routing = route(scores);
        }
        INDArray sum = Nd4j.zeros(x.dataType(), x.size(0), x.size(1));
        for (int expert : routing.used()) {
            int[] rows = routing.rows(expert);
            try (INDArray input = pass.kernels().gather(x, rows)) {
                INDArray output = experts.get(expert).apply(input, weights, pass);
                pass.kernels().scatterAdd(sum, rows, output, routing.scales(expert));
                pass.kernels().release(output);
            }
        }
        return sum;
    }

    /** Chooses experts by the router's scores, which become probabilities. */
    Routing route(INDArray scores) {
        Nd4j.exec(new SoftMax(scores, scores, -1));
        return Routing.of(scores.toFloatMatrix(), chosen, renormalised);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return new RecordedExperts(this, weights, pass).record(x);
    }

    @Override
    public int longestBranch() {
        return experts.stream().mapToInt(Block::longestBranch).min().orElseThrow();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        router.declare(declare);
        experts.forEach(expert -> expert.declare(declare));
    }
}
