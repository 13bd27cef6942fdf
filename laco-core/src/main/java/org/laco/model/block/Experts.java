package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A mixture of experts (Shazeer et al., arXiv 1701.06538): each row x goes through the few experts e that are chosen for it, {@code Σ f_e
 * · expert_e(x)} with factors f that follow from the router's scores. Only the weights of experts that a row goes through are read, a few
 * experts at a time.
 *
 * <pre>{@code
 * Block experts = Experts.of(Linear.of("mlp.gate", 2048, 128, false), TopExperts.softmax(8).renormalised(true), SeparateExperts.of(128, expert));
 * }</pre>
 *
 * @param router the map to one score an expert
 * @param choice how scores decide
 * @param experts the experts
 * @param scalesInput whether factors multiply what enters an expert, as in Llama 4, {@code Σ expert_e(f_e · x)}
 */
public record Experts(Block router, ExpertChoice choice, ExpertSet experts, boolean scalesInput) implements Block {
    /** Checks that there are as many experts as the router scores, and enough of them. */
    public Experts {
        requireNonNull(router, "router");
        int scores = router.lastMap().map(Linear::out).orElse(experts.size());
        checkArgument(
                scores == experts.size(),
                "a router of %s outputs can't choose among %s experts",
                scores,
                experts.size());
        choice.check(experts.size());
    }

    /**
     * Makes a mixture whose factors multiply what experts give.
     *
     * @param router the map to one score an expert
     * @param choice how scores decide
     * @param experts the experts
     * @return the block
     */
    public static Experts of(Block router, ExpertChoice choice, ExpertSet experts) {
        return new Experts(router, choice, experts, false);
    }

    /**
     * Returns this mixture with factors that multiply what enters an expert.
     *
     * @return the block
     */
    public Experts scalingInput() {
        return new Experts(router, choice, experts, true);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray scores = router.apply(x, weights, pass);
        Routing routing = choice.choose(scores, weights);
        pass.kernels().release(scores);
        INDArray sum = Nd4j.zeros(x.dataType(), x.size(0), x.size(1));
        new ReachedExperts(experts, weights, pass.kernels())
                .forEach(routing.used(), (expert, some) -> add(routing, expert, x, some, pass, sum));
        return sum;
    }

    private void add(Routing routing, int expert, INDArray x, LayerWeights weights, ForwardPass pass, INDArray sum) {
        int[] rows = routing.rows(expert);
        float[] factors = routing.factors(expert);
        INDArray input = pass.kernels().gather(x, rows);
        if (scalesInput) {
            RowFactors.multiply(input, factors);
        }
        INDArray output = experts.expert(expert).apply(input, weights, pass);
        pass.kernels().release(input);
        pass.kernels().scatterAdd(sum, rows, output, scalesInput ? RowFactors.ones(rows.length) : factors);
        pass.kernels().release(output);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return new RecordedExperts(this, weights, pass).record(x);
    }

    @Override
    public int longestBranch() {
        return IntStream.concat(
                        IntStream.of(router.longestBranch()),
                        IntStream.range(0, experts.size())
                                .map(number -> experts.expert(number).longestBranch()))
                .min()
                .orElseThrow();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        router.declare(declare);
        choice.declare(experts.size(), declare);
        experts.declare(tensor -> declare.accept(tensor.onlyRouted()));
    }
}
