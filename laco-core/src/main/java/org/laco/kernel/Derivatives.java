package org.laco.kernel;

import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The derivatives of {@link Kernels}: each passes the gradient of a loss by an operation's output back to the operation's inputs.
 *
 * <p>All arrays are float32 in 'c' order. Results are new arrays that the caller releases to the kernels; arguments are left as they are,
 * except where a method says that it works in place. Gradients of weights are added to sums, so that they can come from several batches;
 * a null sum means that the weight is frozen.
 *
 * <p>The gradient of a matrix product by its input is a matrix product itself: {@code kernels.linearTransposed(gradient, weight, null)} for
 * {@code kernels.linear(x, weight, bias)}, and the reverse.
 */
public interface Derivatives {
    /**
     * Adds the product of a transposed matrix with another, {@code aᵀ · b}: the gradient of a linear map's weight {@code [m, n]} is that of
     * the output's gradient with the input.
     *
     * @param a a matrix {@code [rows, m]}
     * @param b a matrix {@code [rows, n]}
     * @param sum what the product is added to {@code [m, n]}
     */
    void addTransposedProduct(INDArray a, INDArray b, INDArray sum);

    /**
     * Adds the sums of columns, the gradient of a bias.
     *
     * @param gradient a matrix {@code [rows, n]}
     * @param sum what they are added to {@code [n]}
     */
    void addColumnSums(INDArray gradient, INDArray sum);

    /**
     * Passes a gradient back through {@link Kernels#rmsNorm}.
     *
     * @param gradient by the output {@code [rows, width]}
     * @param x the input {@code [rows, width]}
     * @param weight the weight; its length divides the width
     * @param epsilon ε
     * @param offset what is added to the weight
     * @param weightSum what the weight's gradient is added to, or null
     * @return by the input {@code [rows, width]}
     */
    INDArray rmsNorm(INDArray gradient, INDArray x, INDArray weight, double epsilon, double offset, INDArray weightSum);

    /**
     * Passes a gradient back through {@link Kernels#layerNorm}.
     *
     * @param gradient by the output {@code [rows, width]}
     * @param x the input {@code [rows, width]}
     * @param weight the weight {@code [width]}, or null for 1
     * @param epsilon ε
     * @param weightSum what the weight's gradient is added to, or null
     * @param biasSum what the bias's gradient is added to, or null
     * @return by the input {@code [rows, width]}
     */
    INDArray layerNorm(
            INDArray gradient, INDArray x, INDArray weight, double epsilon, INDArray weightSum, INDArray biasSum);

    /**
     * Passes a gradient back through {@link Kernels#rotate}, in place.
     *
     * @param gradient by the rotated queries or keys, which becomes that by the unrotated ones
     * @param headSize the width of a head
     * @param table the angles
     */
    void rotate(INDArray gradient, int headSize, RotaryTable table);

    /**
     * Passes a gradient back through {@link Kernels#attention}, whose weights are computed again.
     *
     * @param gradient by the weighted values {@code [rows, heads · headSize]}
     * @param queries the queries
     * @param keys the keys
     * @param values the values
     * @param weighted the weighted values, as attention returned them
     * @param spec what was computed
     * @param sequences how the rows divide into sequences
     * @return by queries, keys and values
     */
    AttentionGradients attention(
            INDArray gradient,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray weighted,
            AttentionSpec spec,
            SequenceLayout sequences);

    /**
     * Passes a gradient back through {@link Kernels#convolution} of sequences of which none continues another. The default computes in host
     * memory.
     *
     * @param gradient by the output {@code [rows, columns]}
     * @param x the input {@code [rows, columns]}
     * @param weight the kernels {@code [columns, 1, width]}
     * @param sequences how the rows divide into sequences
     * @param weightSum what the kernels' gradient is added to, or null
     * @param biasSum what the bias's gradient is added to, or null
     * @return by the input {@code [rows, columns]}
     */
    default INDArray convolution(
            INDArray gradient,
            INDArray x,
            INDArray weight,
            SequenceLayout sequences,
            INDArray weightSum,
            INDArray biasSum) {
        return new RecurrenceGradients().convolution(gradient, x, weight, sequences, weightSum, biasSum);
    }

    /**
     * Passes a gradient back through {@link Kernels#deltaRule} of sequences of which none continues another, which is computed again. The
     * default computes in host memory.
     *
     * @param gradient by the output {@code [rows, valueHeads · valueSize]}
     * @param inputs what it was computed from
     * @param spec the numbers of heads and their sizes
     * @param sequences how the rows divide into sequences
     * @return by each of the inputs, new arrays
     */
    default DeltaRuleInputs deltaRule(
            INDArray gradient, DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        return new RecurrenceGradients().deltaRule(gradient, inputs, spec, sequences);
    }

    /**
     * Passes a gradient back through {@link Kernels#stateSpace} of sequences of which none continues another, which is computed again. The
     * default computes in host memory.
     *
     * @param gradient by the output {@code [rows, heads · headSize]}
     * @param inputs what it was computed from
     * @param spec the numbers of heads and their sizes
     * @param sequences how the rows divide into sequences
     * @return by each of the inputs, new arrays
     */
    default StateSpaceInputs stateSpace(
            INDArray gradient, StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        return new RecurrenceGradients().stateSpace(gradient, inputs, spec, sequences);
    }

    /**
     * Passes a gradient back through {@link Kernels#selectiveScan} of sequences of which none continues another, which is computed again. The
     * default computes in host memory.
     *
     * @param gradient by the output {@code [rows, channels]}
     * @param inputs what it was computed from
     * @param sequences how the rows divide into sequences
     * @return by each of the inputs, new arrays
     */
    default SelectiveScanInputs selectiveScan(INDArray gradient, SelectiveScanInputs inputs, SequenceLayout sequences) {
        return new RecurrenceGradients().selectiveScan(gradient, inputs, sequences);
    }

    /**
     * Passes a gradient back through {@link Kernels#gatedRecurrence} of sequences of which none continues another, which is computed again.
     * The default computes in host memory.
     *
     * @param gradient by the output {@code [rows, channels]}
     * @param inputs what it was computed from
     * @param sequences how the rows divide into sequences
     * @return by each of the inputs, new arrays
     */
    default GatedRecurrenceInputs gatedRecurrence(
            INDArray gradient, GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        return new RecurrenceGradients().gatedRecurrence(gradient, inputs, sequences);
    }

    /**
     * Passes a gradient back through {@link Kernels#activate}, in place.
     *
     * @param activation the function
     * @param x what the function was applied to
     * @param gradient by its value, which becomes that by {@code x}
     */
    void activate(Activation activation, INDArray x, INDArray gradient);

    /**
     * Passes a gradient back through {@link Kernels#gate}.
     *
     * @param activation the function
     * @param inner what the function was applied to
     * @param gated the factors
     * @param gradient by the product, which becomes that by {@code inner}, in place
     * @return by {@code gated}
     */
    INDArray gate(Activation activation, INDArray inner, INDArray gated, INDArray gradient);
}
