package org.laco.kernel;

import java.util.Optional;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The operations of a forward pass on float32 matrices whose rows are positions.
 *
 * <p>All arrays are in 'c' order. Results are new arrays that the caller {@linkplain #release releases} or closes; arguments are left as
 * they are, except where a method says that it works in place.
 *
 * <p>Operations keep memory and compiled code for use again, which {@link #close} frees. Those that others {@linkplain #sequential
 * return} share it with them.
 *
 * <p>Those in host memory compute in the threads of the {@link java.util.concurrent.ForkJoinPool} that they are called in, and in the
 * common pool if they aren't called in any.
 */
public interface Kernels extends AutoCloseable {
    /** The system property that chooses among {@linkplain KernelProviders the arithmetic on the class path}. */
    String PROPERTY = "laco.kernels";

    /**
     * Names the arithmetic for a report, as {@code ND4J}.
     *
     * @return a short name
     */
    String name();

    /**
     * Makes a matrix to compute in.
     *
     * @param rows the number of rows
     * @param columns the number of columns
     * @return a float32 array in 'c' order with any content, which the caller releases or closes
     */
    default INDArray matrix(long rows, long columns) {
        return Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, 'c');
    }

    /**
     * Takes back an array that isn't needed any more, to be used again or freed.
     *
     * @param array a result of these operations, or another dense float32 array in 'c' order that is no view
     */
    default void release(INDArray array) {
        array.close();
    }

    /**
     * Keeps more released arrays for use again than otherwise, as a training wants that needs the same ones at each step. The default
     * keeps no more.
     *
     * @param bytes how much more
     * @return what ends this and frees as much
     */
    default Runnable keep(long bytes) {
        return () -> {};
    }

    /**
     * Multiplies by the transpose of a weight: {@code x · wᵀ + b}.
     *
     * @param x the input {@code [rows, in]}
     * @param weight the weight {@code [out, in]}
     * @param bias the bias {@code [out]}, or null
     * @return the output {@code [rows, out]}
     */
    INDArray linear(INDArray x, INDArray weight, INDArray bias);

    /**
     * Multiplies by a weight that is stored input first, as GPT-2's: {@code x · w + b}.
     *
     * @param x the input {@code [rows, in]}
     * @param weight the weight {@code [in, out]}
     * @param bias the bias {@code [out]}, or null
     * @return the output {@code [rows, out]}
     */
    INDArray linearTransposed(INDArray x, INDArray weight, INDArray bias);

    /**
     * Returns in which type the weights of linear maps are wanted. The default is float32.
     *
     * @param stored the type in which a weight is stored
     * @return {@code FLOAT}, or the stored type if it is multiplied as it is
     */
    default DataType weightType(DataType stored) {
        return DataType.FLOAT;
    }

    /**
     * Returns how precisely these operations multiply. The default is float32.
     *
     * @return the precision
     */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    /**
     * Returns these operations in some precision. The default has none but its own.
     *
     * @param precision the precision
     * @return the operations, which share what these keep, or empty if that precision can't be had here; slow operations can be had
     */
    default Optional<Kernels> in(Precision precision) {
        return precision == precision() ? Optional.of(this) : Optional.empty();
    }

    /**
     * Normalises each group of elements by its root mean square: {@code x / √(mean(x²) + ε) · w}.
     *
     * @param x the input {@code [rows, width]}
     * @param weight the weight; its length divides the width, and each run of that many elements is normalised by itself
     * @param epsilon ε
     * @param offset what is added to the weight, 0 or 1
     * @return the output {@code [rows, width]}
     */
    INDArray rmsNorm(INDArray x, INDArray weight, double epsilon, double offset);

    /**
     * Normalises each row by mean and variance: {@code (x − mean) / √(var + ε) · w + b}.
     *
     * @param x the input {@code [rows, width]}
     * @param weight the weight {@code [width]}, or null for 1
     * @param bias the bias {@code [width]}, or null for 0
     * @param epsilon ε
     * @return the output {@code [rows, width]}
     */
    INDArray layerNorm(INDArray x, INDArray weight, INDArray bias, double epsilon);

    /**
     * Rotates the pairs of each head by its row's angles, in place.
     *
     * @param x queries or keys {@code [rows, heads · headSize]}
     * @param headSize the width of a head
     * @param table the angles, of as many rows
     */
    void rotate(INDArray x, int headSize, RotaryTable table);

    /**
     * Computes causal attention of each sequence by itself. No sequence continues another.
     *
     * @param queries the queries {@code [rows, heads · headSize]}
     * @param keys the keys {@code [rows, keyValueHeads · headSize]}
     * @param values the values {@code [rows, keyValueHeads · headSize]}
     * @param spec what is computed
     * @param sequences how the rows divide into sequences
     * @return the weighted values {@code [rows, heads · headSize]}
     */
    INDArray attention(INDArray queries, INDArray keys, INDArray values, AttentionSpec spec, SequenceLayout sequences);

    /**
     * Computes causal attention of sequences of which some {@linkplain SequenceLayout#branching continue others}, whose rows they see. The
     * default copies what is continued for each and computes them one by one.
     *
     * @param queries the queries {@code [rows, heads · headSize]}
     * @param keys the keys {@code [rows, keyValueHeads · headSize]}
     * @param values the values {@code [rows, keyValueHeads · headSize]}
     * @param spec what is computed
     * @param sequences how the rows divide into sequences
     * @return the weighted values {@code [rows, heads · headSize]}
     */
    default INDArray branchingAttention(
            INDArray queries, INDArray keys, INDArray values, AttentionSpec spec, SequenceLayout sequences) {
        return new UnfoldedAttention(this, spec, sequences).compute(queries, keys, values);
    }

    /**
     * Convolves each column of each sequence with a kernel of its own, causally: {@code b + Σ w_i · x_(t − width + 1 + i)}, where positions
     * before a sequence's first are zero. The default computes it in host memory.
     *
     * @param x the input {@code [rows, columns]}
     * @param weight the kernels {@code [columns, 1, width]}, the factor of the present position last
     * @param bias the bias {@code [columns]}, or null
     * @param sequences how the rows divide into sequences, of which some may continue others
     * @return the output {@code [rows, columns]}
     */
    default INDArray convolution(INDArray x, INDArray weight, INDArray bias, SequenceLayout sequences) {
        return new HostRecurrences().convolution(x, weight, bias, sequences);
    }

    /**
     * Computes the gated delta rule (Yang, Kautz and Hatamizadeh, arXiv 2412.06464) of each sequence by itself. The default computes it in
     * host memory.
     *
     * @param inputs what it is computed from
     * @param spec the numbers of heads and their sizes
     * @param sequences how the rows divide into sequences, of which some may continue others
     * @return what is read from the heads' states {@code [rows, valueHeads · valueSize]}
     */
    default INDArray deltaRule(DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        return new HostRecurrences().deltaRule(inputs, spec, sequences);
    }

    /**
     * Computes the state space model of Mamba 2 (Dao and Gu, arXiv 2405.21060) of each sequence by itself. The default computes it in host
     * memory.
     *
     * @param inputs what it is computed from
     * @param spec the numbers of heads and their sizes
     * @param sequences how the rows divide into sequences, of which some may continue others
     * @return what is read from the heads' states, with the skipped inputs {@code [rows, heads · headSize]}
     */
    default INDArray stateSpace(StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        return new HostRecurrences().stateSpace(inputs, spec, sequences);
    }

    /**
     * Computes the selective scan of Mamba (Gu and Dao, arXiv 2312.00752) of each sequence by itself. The default computes it in host
     * memory.
     *
     * @param inputs what it is computed from
     * @param sequences how the rows divide into sequences, of which some may continue others
     * @return what is read from the channels' states, with the skipped inputs {@code [rows, channels]}
     */
    default INDArray selectiveScan(SelectiveScanInputs inputs, SequenceLayout sequences) {
        return new HostRecurrences().selectiveScan(inputs, sequences);
    }

    /**
     * Computes the real-gated linear recurrent unit of Griffin (De et al., arXiv 2402.19427) of each sequence by itself. The default computes
     * it in host memory.
     *
     * @param inputs what it is computed from
     * @param sequences how the rows divide into sequences, of which some may continue others
     * @return the channels' states {@code [rows, channels]}
     */
    default INDArray gatedRecurrence(GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        return new HostRecurrences().gatedRecurrence(inputs, sequences);
    }

    /**
     * Applies a function to each element, in place.
     *
     * @param activation the function
     * @param x the elements
     */
    void activate(Activation activation, INDArray x);

    /**
     * Copies rows, as those that go to one expert.
     *
     * @param x the rows to choose from {@code [rows, width]}
     * @param rows the numbers of the rows to copy
     * @return the rows {@code [rows.length, width]}
     */
    INDArray gather(INDArray x, int[] rows);

    /**
     * Adds scaled rows to chosen rows of a sum, in place.
     *
     * @param sum the rows that are added to {@code [all, width]}
     * @param rows the number of the row that each row is added to, without duplicates
     * @param x the rows to add {@code [rows.length, width]}
     * @param scales the factor of each added row
     */
    void scatterAdd(INDArray sum, int[] rows, INDArray x, float[] scales);

    /**
     * Applies a function to each element and multiplies by another matrix, in place: {@code activation(inner) ⊙ gated}.
     *
     * @param activation the function
     * @param inner the elements that are activated, which receive the product
     * @param gated the factors, of the same shape
     */
    void gate(Activation activation, INDArray inner, INDArray gated);

    /**
     * Applies a function to each element and multiplies by another matrix, as {@link #gate} does, and leaves both as they are. The default
     * copies one of them first.
     *
     * @param activation the function
     * @param inner the elements that are activated
     * @param gated the factors, of the same shape
     * @return a new array of the products
     */
    default INDArray gated(Activation activation, INDArray inner, INDArray gated) {
        INDArray product = copy(inner);
        gate(activation, product, gated);
        return product;
    }

    /**
     * Multiplies by a weight, applies a function to each element and multiplies by another matrix: {@code activation(x · wᵀ + b) ⊙ gated}.
     *
     * @param activation the function
     * @param x the input {@code [rows, in]}
     * @param weight the weight {@code [out, in]}, or {@code [in, out]} if it is stored input first
     * @param inputFirst whether the weight is stored input first
     * @param bias the bias {@code [out]}, or null
     * @param gated the factors {@code [rows, out]}
     * @return the output {@code [rows, out]}
     */
    default INDArray gatedLinear(
            Activation activation, INDArray x, INDArray weight, boolean inputFirst, INDArray bias, INDArray gated) {
        INDArray inner = inputFirst ? linearTransposed(x, weight, bias) : linear(x, weight, bias);
        gate(activation, inner, gated);
        return inner;
    }

    /**
     * Adds a matrix to another in place.
     *
     * @param sum the matrix that is added to
     * @param x what is added, of the same shape
     */
    void add(INDArray sum, INDArray x);

    /**
     * Copies a matrix. The default copies by ND4J.
     *
     * @param x a matrix
     * @return a new array of the same elements
     */
    default INDArray copy(INDArray x) {
        return x.dup('c');
    }

    /**
     * Copies a matrix into consecutive columns of a wider one.
     *
     * @param matrix the wider one {@code [rows, columns]}
     * @param first the first column that is overwritten
     * @param columns the other {@code [rows, n]}
     */
    default void putColumns(INDArray matrix, long first, INDArray columns) {
        matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(first, first + columns.size(1)))
                .assign(columns);
    }

    /**
     * Returns the derivatives of these operations. The default computes them by ND4J's operations.
     *
     * @return the derivatives, which share what these operations keep
     */
    default Derivatives derivatives() {
        return new Nd4jDerivatives(this);
    }

    /**
     * Returns how many threads may compute parts of a batch at the same time, each with its own {@link #sequential} operations.
     *
     * @return 1 where the device divides an operation by itself, the default
     */
    default int threads() {
        return 1;
    }

    /**
     * Returns these operations for one of several threads: each is computed in the thread that asks for it.
     *
     * @return the operations, by default these
     */
    default Kernels sequential() {
        return this;
    }

    /**
     * Frees what is kept for use again. Operations that are running in other threads end as usual, and those that are asked for afterwards
     * still work but keep nothing. Closing again does nothing. The default has nothing to free.
     */
    @Override
    default void close() {}

    /**
     * Makes the operations for arrays in host memory: matrix products by an implementation of them, everything else by loops over blocks
     * of rows.
     *
     * @param product the products, which are closed with the operations
     * @return the operations, safe for use by several threads
     */
    static Kernels of(MatrixProduct product) {
        return HostKernels.parallel(product);
    }

    /**
     * Makes the preferred operations of those that can run here, in float32. The system property {@value #PROPERTY} can name others, as
     * {@link KernelProviders#named} takes them; {@code auto} is the default, and {@code float32} and {@code bfloat16} choose as it does.
     *
     * @return new operations, safe for use by several threads, which the caller closes
     * @throws IllegalArgumentException if the property names none of those that can run here
     * @throws MissingBackendException if the backend of ND4J is missing; the message has the coordinates to add
     */
    static Kernels ofBackend() {
        return Backends.loading(() -> KernelProviders.ofProperty().create());
    }

    /**
     * Checks that the class path has a backend of ND4J, without loading it: what a service can ask when it starts, since models are opened
     * and inspected without one, and only computing fails.
     *
     * @throws MissingBackendException if there is none; the message has the coordinates to add
     */
    static void requireBackend() {
        Backends.require();
    }

    /**
     * Makes the preferred operations of ND4J, even if there is something else on the class path.
     *
     * @return new operations, safe for use by several threads, which the caller closes
     */
    static Kernels ofNd4j() {
        return KernelProviders.named("nd4j").create();
    }
}
