package org.laco.model.block;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Experts} that keep what each of them was given, for their derivative.
 *
 * <p>Which experts a row goes through is taken as fixed: gradients reach the router through the factors of their outputs alone.
 */
final class RecordedExperts {
    private final Experts experts;
    private final LayerWeights weights;
    private final ForwardPass pass;
    private final Kernels kernels;

    RecordedExperts(Experts experts, LayerWeights weights, ForwardPass pass) {
        this.experts = experts;
        this.weights = weights;
        this.pass = pass;
        this.kernels = pass.kernels();
    }

    /** What goes through one expert. */
    private record Part(int expert, INDArray input, Recording recording) {}

    Recording record(INDArray x) {
        Recording router = experts.router().record(x, weights, pass);
        Routing routing = experts.route(router.output());
        List<Part> parts = new ArrayList<>();
        INDArray sum = Nd4j.zeros(x.dataType(), x.size(0), x.size(1));
        for (int expert : routing.used()) {
            INDArray input = kernels.gather(x, routing.rows(expert));
            Recording recording = experts.experts().get(expert).record(input, weights, pass);
            kernels.scatterAdd(sum, routing.rows(expert), recording.output(), routing.scales(expert));
            parts.add(new Part(expert, input, recording));
        }
        return Recording.of(
                        kernels::release,
                        sum,
                        (gradient, gradients) -> backward(router, routing, parts, gradient, gradients))
                .keeping(router)
                .keeping(parts.stream().map(Part::recording).toArray(Recording[]::new))
                .keeping(parts.stream().map(Part::input).toArray(INDArray[]::new));
    }

    private INDArray backward(
            Recording router, Routing routing, List<Part> parts, INDArray gradient, Gradients gradients) {
        float[][] byScales = new float[(int) gradient.size(0)][experts.router().out()];
        INDArray sum = Nd4j.zeros(gradient.dataType(), gradient.size(0), gradient.size(1));
        for (Part part : parts) {
            add(part, routing, gradient, gradients, byScales, sum);
        }
        try (INDArray byScores = Nd4j.createFromArray(routing.scoreGradients(byScales))) {
            return ArraySum.add(sum, router.backward(byScores, gradients), kernels);
        }
    }

    /** Adds what one expert passes back, and notes the gradients by the factors of its outputs. */
    private void add(
            Part part, Routing routing, INDArray gradient, Gradients gradients, float[][] byScales, INDArray sum) {
        int[] rows = routing.rows(part.expert);
        try (INDArray passed = kernels.gather(gradient, rows)) {
            try (INDArray products = passed.mul(part.recording.output());
                    INDArray sums = products.sum(1);
                    INDArray scales = Nd4j.createFromArray(routing.scales(part.expert))) {
                float[] each = sums.toFloatVector();
                for (int i = 0; i < rows.length; i++) {
                    byScales[rows[i]][part.expert] = each[i];
                }
                passed.muliColumnVector(scales.reshape(rows.length, 1));
            }
            INDArray before = part.recording.backward(passed, gradients);
            kernels.scatterAdd(sum, rows, before, ones(rows.length));
            kernels.release(before);
        }
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
