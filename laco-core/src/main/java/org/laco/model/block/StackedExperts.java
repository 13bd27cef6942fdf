package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.tensor.LayerWeights;

/**
 * Gated experts of which each map is one tensor for all of them, {@code down(gate(x · gateᵀ, x · upᵀ))}.
 *
 * @param gateUp the maps to the gate's and up's outputs
 * @param down the maps back to the hidden width
 * @param layout how the maps are stored
 * @param gate how gate and up become one
 */
public record StackedExperts(StackedMap gateUp, StackedMap down, StackLayout layout, Gate gate) implements ExpertSet {
    /**
     * Makes experts without biases.
     *
     * @param gateUp the full name of the stack of gate and up maps
     * @param down the full name of the stack of maps back
     * @param count the number of experts
     * @param width the hidden width
     * @param inner the width between gate and up and the map back
     * @param layout how the maps are stored
     * @param gate how gate and up become one
     * @return the experts
     */
    public static StackedExperts of(
            String gateUp, String down, int count, int width, int inner, StackLayout layout, Gate gate) {
        return new StackedExperts(
                new StackedMap(gateUp, "", count, width, 2 * inner, layout.inputFirst()),
                new StackedMap(down, "", count, inner, width, layout.inputFirst()),
                layout,
                gate);
    }

    /**
     * Returns these experts with biases of both maps, one row an expert.
     *
     * @param ofGateUp the full name of the biases of gate and up
     * @param ofDown the full name of the biases of the map back
     * @return the experts
     */
    public StackedExperts biased(String ofGateUp, String ofDown) {
        return new StackedExperts(gateUp.biased(ofGateUp), down.biased(ofDown), layout, gate);
    }

    @Override
    public int size() {
        return gateUp.count();
    }

    @Override
    public Block expert(int number) {
        return new StackedExpert(this, number);
    }

    @Override
    public void readAhead(int number, LayerWeights weights, Kernels kernels) {
        weights.readAhead(gateUp.name(), number, kernels::weightType);
        weights.readAhead(down.name(), number, kernels::weightType);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        gateUp.declare(declare);
        down.declare(declare);
    }
}
