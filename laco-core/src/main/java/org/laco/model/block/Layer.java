package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A decoder layer: residual steps one after another.
 *
 * @param properties what distinguishes this layer from others of the model, such as {@code attention} → {@code sliding}; layers
 *     merge only with layers of equal properties
 * @param steps the steps in the order in which they run
 */
public record Layer(ImmutableMap<String, String> properties, ImmutableList<Residual> steps) implements Block {
    /**
     * Makes a layer like all others of its model.
     *
     * @param steps the steps in the order in which they run
     * @return the layer
     */
    public static Layer of(Residual... steps) {
        return new Layer(ImmutableMap.of(), ImmutableList.copyOf(steps));
    }

    /**
     * Returns this layer with a distinguishing property more.
     *
     * @param property its name
     * @param value its value
     * @return the layer
     */
    public Layer with(String property, String value) {
        return new Layer(
                ImmutableMap.<String, String>builder()
                        .putAll(properties)
                        .put(property, value)
                        .buildOrThrow(),
                steps);
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Chain.apply(steps, x, weights, pass);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Chain.record(steps, x, weights, pass);
    }

    @Override
    public int longestBranch() {
        return steps.stream().mapToInt(Residual::longestBranch).min().orElse(Integer.MAX_VALUE);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        steps.forEach(step -> step.declare(declare));
    }

    /** Those of all steps. */
    @Override
    public Optional<ImmutableList<Linear>> addends() {
        return Parallel.all(steps);
    }

    /**
     * Returns the layer that ends with a step of this one.
     *
     * @param last whether a step is the last one
     * @return the steps up to the first of that kind, empty if there is none
     */
    public Optional<Layer> upTo(Predicate<Residual> last) {
        int index = Iterables.indexOf(steps, last::test);
        return index < 0 ? Optional.empty() : Optional.of(new Layer(properties, steps.subList(0, index + 1)));
    }

    /**
     * Returns the step whose output leaves the layer.
     *
     * @return the last step
     */
    public Residual lastStep() {
        return steps.get(steps.size() - 1);
    }
}
