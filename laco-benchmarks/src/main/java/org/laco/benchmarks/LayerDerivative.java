package org.laco.benchmarks;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs 16 sequences of 128 tokens through one Llama layer and a gradient back through it, to all weights and to the input, and prints what
 * time a step takes and what memory the process took at most. {@code laco-examples/benchmarks/layer_derivative.py} does the same in PyTorch.
 *
 * <pre>
 *     laco-benchmarks/run layer laco 576x1536 9x3 5         # by laco's derivatives
 *     laco-benchmarks/run layer samediff 4096x11008 32x32 5 # by ND4J's automatic differentiation
 * </pre>
 */
public final class LayerDerivative {
    static final int SEQUENCES = 16;
    static final int LENGTH = 128;
    static final int ROWS = SEQUENCES * LENGTH;
    static final double EPSILON = 1e-5;

    private LayerDerivative() {}

    /** The sizes of a layer. */
    record Sizes(int width, int inner, int heads, int keyHeads) {
        int headSize() {
            return width / heads;
        }

        int keyWidth() {
            return keyHeads * headSize();
        }
    }

    /** One way to compute a step. */
    interface Step extends AutoCloseable {
        /** Returns the norms of the gradients by the input and by the map that comes last, which all ways agree on. */
        double[] run();

        @Override
        void close();
    }

    /**
     * Measures one way.
     *
     * @param arguments {@code laco} or {@code samediff}, hidden and intermediate width, heads and key heads, the number of steps
     */
    public static void main(String[] arguments) throws IOException {
        int[] widths = Matrices.numbers(arguments[1]);
        int[] heads = Matrices.numbers(arguments[2]);
        Sizes sizes = new Sizes(widths[0], widths[1], heads[0], heads[1]);
        Nd4j.getRandom().setSeed(14);
        Map<String, INDArray> weights = weights(sizes);
        INDArray x = Matrices.random(ROWS, sizes.width());
        INDArray gradient = Matrices.random(ROWS, sizes.width());
        try (Step step = arguments[0].equals("samediff")
                ? new SameDiffStep(sizes, weights, x, gradient)
                : new RecordedStep(sizes, weights, x, gradient)) {
            System.out.printf("%s before the first step%n", memory());
            for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
                report(step);
            }
        }
        System.out.printf("%s at most%n", memory());
    }

    private static void report(Step step) {
        long processor = processorTime();
        long start = System.nanoTime();
        double[] norms = step.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%.3f s, %.3f s of processors, gradients of norm %.6g and %.6g%n",
                seconds, (processorTime() - processor) / 1e9, norms[0], norms[1]);
    }

    private static long processorTime() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** The most resident memory so far, as Linux counts it. */
    private static String memory() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Map<String, INDArray> weights(Sizes sizes) {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        ImmutableMap.of(
                        "self_attn.q_proj", new int[] {sizes.width(), sizes.width()},
                        "self_attn.k_proj", new int[] {sizes.keyWidth(), sizes.width()},
                        "self_attn.v_proj", new int[] {sizes.keyWidth(), sizes.width()},
                        "self_attn.o_proj", new int[] {sizes.width(), sizes.width()},
                        "mlp.gate_proj", new int[] {sizes.inner(), sizes.width()},
                        "mlp.up_proj", new int[] {sizes.inner(), sizes.width()},
                        "mlp.down_proj", new int[] {sizes.width(), sizes.inner()})
                .forEach((name, shape) ->
                        weights.put(name, Matrices.random(shape[0], shape[1]).divi(Math.sqrt(shape[1]))));
        weights.put("input_layernorm", Nd4j.ones(DataType.FLOAT, sizes.width()));
        weights.put("post_attention_layernorm", Nd4j.ones(DataType.FLOAT, sizes.width()));
        return weights;
    }
}
