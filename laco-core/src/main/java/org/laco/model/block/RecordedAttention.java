package org.laco.model.block;

import java.util.Optional;
import org.laco.kernel.AttentionGradients;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An {@link Attention} that keeps queries, keys and values, as they enter the scores, for its derivative. */
final class RecordedAttention {
    private final Attention attention;
    private final LayerWeights weights;
    private final ForwardPass pass;
    private final Kernels kernels;

    RecordedAttention(Attention attention, LayerWeights weights, ForwardPass pass) {
        this.attention = attention;
        this.weights = weights;
        this.pass = pass;
        this.kernels = pass.kernels();
    }

    Recording record(INDArray x) {
        RecordedProjection projection = attention.projection().record(x, weights, pass);
        QueryKeyValue projected = projection.outputs();
        boolean rotatedFirst = attention.normedRotated();
        if (rotatedFirst) {
            attention.rotate(projected.queries(), projected.keys(), pass);
        }
        Optional<Recording> queryNorm = record(attention.queryNorm(), projected.queries());
        Optional<Recording> keyNorm = record(attention.keyNorm(), projected.keys());
        QueryKeyValue inputs = new QueryKeyValue(
                queryNorm.map(Recording::output).orElse(projected.queries()),
                keyNorm.map(Recording::output).orElse(projected.keys()),
                projected.values(),
                projected.gates());
        // Rotated in place: neither a projection's derivative nor a norm's reads its output.
        if (!rotatedFirst) {
            attention.rotate(inputs.queries(), inputs.keys(), pass);
        }
        attention.grow(inputs.queries(), pass);
        INDArray weighted = attend(inputs, inputs.values());
        Optional<INDArray> narrow = narrow(weighted);
        INDArray attended = narrow.orElse(weighted);
        Optional<INDArray> gated =
                projected.gates().map(gates -> kernels.gated(attention.gateActivation(), gates, attended));
        Recording output = Chain.record(attention.outputs(), gated.orElse(attended), weights, pass);
        return Recording.of(kernels::release, output.detach(), (gradient, gradients) -> {
                    QueryKeyValue before = backward(output, gradient, gradients, inputs, weighted, attended);
                    attention.grow(before.queries(), pass);
                    if (!rotatedFirst) {
                        rotateBack(before);
                    }
                    QueryKeyValue unnormalised = new QueryKeyValue(
                            through(queryNorm, before.queries(), gradients),
                            through(keyNorm, before.keys(), gradients),
                            before.values(),
                            before.gates());
                    if (rotatedFirst) {
                        rotateBack(unnormalised);
                    }
                    INDArray result = projection.derivative().apply(unnormalised, gradients);
                    release(unnormalised);
                    return result;
                })
                .keeping(output)
                .keeping(weighted)
                .keeping(narrow.stream().toArray(INDArray[]::new))
                .keeping(gated.stream().toArray(INDArray[]::new))
                .keeping(queryNorm.stream().toArray(Recording[]::new))
                .keeping(keyNorm.stream().toArray(Recording[]::new))
                .keeping(projection.free());
    }

    private INDArray attend(QueryKeyValue inputs, INDArray values) {
        return kernels.attention(
                inputs.queries(), inputs.keys(), values, attention.spec(weights), attention.seen(pass.sequences()));
    }

    private void rotateBack(QueryKeyValue gradients) {
        attention.rotary().map(pass::rotaryTable).ifPresent(table -> {
            kernels.derivatives().rotate(gradients.queries(), attention.spec().headSize(), table);
            kernels.derivatives().rotate(gradients.keys(), attention.spec().headSize(), table);
        });
    }

    /** What enters the output's map, where heads have fewer values than other elements. */
    private Optional<INDArray> narrow(INDArray weighted) {
        int headSize = attention.spec().headSize();
        return attention.valueSize() == headSize
                ? Optional.empty()
                : Optional.of(HeadColumns.copy(weighted, headSize, 0, attention.valueSize()));
    }

    /** Widens a gradient by zeros, in exchange for it. */
    private INDArray widen(INDArray gradient) {
        int headSize = attention.spec().headSize();
        if (attention.valueSize() == headSize) {
            return gradient;
        }
        INDArray wide = HeadColumns.zeros(gradient.size(0), attention.spec().heads(), headSize);
        HeadColumns.put(wide, headSize, 0, gradient, attention.valueSize());
        kernels.release(gradient);
        return wide;
    }

    private void release(QueryKeyValue arrays) {
        kernels.release(arrays.queries());
        kernels.release(arrays.keys());
        kernels.release(arrays.values());
        arrays.gates().ifPresent(kernels::release);
    }

    private Optional<Recording> record(Optional<Block> norm, INDArray x) {
        return norm.map(block -> block.record(x, weights, pass));
    }

    /** Passes a gradient back to the queries, keys and values as they entered the scores. */
    private QueryKeyValue backward(
            Recording output,
            INDArray gradient,
            Gradients gradients,
            QueryKeyValue inputs,
            INDArray weighted,
            INDArray attended) {
        // Where there are gates, it becomes their gradient in place.
        INDArray outputGradient = output.backward(gradient, gradients);
        INDArray weightedGradient = widen(inputs.gates()
                .map(gates -> kernels.derivatives().gate(attention.gateActivation(), gates, attended, outputGradient))
                .orElse(outputGradient));
        attention
                .sinks()
                .flatMap(gradients::of)
                .ifPresent(sum -> addSinkGradients(inputs, weighted, weightedGradient, sum));
        AttentionGradients before = kernels.derivatives()
                .attention(
                        weightedGradient,
                        inputs.queries(),
                        inputs.keys(),
                        inputs.values(),
                        weighted,
                        attention.spec(weights),
                        attention.seen(pass.sequences()));
        kernels.release(weightedGradient);
        return new QueryKeyValue(
                before.queries(), before.keys(), before.values(), inputs.gates().map(gates -> outputGradient));
    }

    /**
     * Adds the gradients of the sinks: a sink's weight p is what the weights of the values leave of 1, and its score's gradient {@code
     * −p · (dO · O)}. The sum of the weights is attention to values that are all 1.
     */
    private void addSinkGradients(QueryKeyValue inputs, INDArray weighted, INDArray gradient, INDArray sum) {
        int size = attention.spec().headSize();
        long heads = attention.spec().heads();
        try (INDArray ones =
                        Nd4j.ones(inputs.values().dataType(), inputs.values().shape());
                INDArray left = attend(inputs, ones).rsubi(1);
                INDArray products = weighted.mul(gradient)) {
            products.muli(left);
            try (INDArray rows = products.sum(0);
                    INDArray each = rows.reshape('c', heads, size).sum(1)) {
                sum.subi(each);
            }
        }
    }

    /** Passes a gradient back through a norm, if there is one, in exchange for it. */
    private INDArray through(Optional<Recording> norm, INDArray gradient, Gradients gradients) {
        if (norm.isEmpty()) {
            return gradient;
        }
        INDArray before = norm.get().backward(gradient, gradients);
        kernels.release(gradient);
        return before;
    }
}
