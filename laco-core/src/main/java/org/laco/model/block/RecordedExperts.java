package org.laco.model.block;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** What goes through one expert: its rows as they are, and as they enter it. */
    private record Part(int expert, LayerWeights weights, INDArray rows, INDArray input, Recording recording) {}

    Recording record(INDArray x) {
        Recording router = experts.router().record(x, weights, pass);
        Routing routing = experts.choice().choose(router.output(), weights);
        List<Part> parts = new ArrayList<>();
        INDArray sum = Nd4j.zeros(x.dataType(), x.size(0), x.size(1));
        new ReachedExperts(experts.experts(), weights, kernels)
                .forEach(routing.used(), (expert, some) -> parts.add(part(routing, expert, x, some, sum)));
        return Recording.of(
                        kernels::release,
                        sum,
                        (gradient, gradients) -> backward(router, routing, parts, gradient, gradients))
                .keeping(router)
                .keeping(parts.stream().map(Part::recording).toArray(Recording[]::new))
                .keeping(parts.stream()
                        .flatMap(
                                part -> experts.scalesInput() ? Stream.of(part.rows, part.input) : Stream.of(part.rows))
                        .toArray(INDArray[]::new));
    }

    private Part part(Routing routing, int expert, INDArray x, LayerWeights some, INDArray sum) {
        int[] rows = routing.rows(expert);
        INDArray through = kernels.gather(x, rows);
        INDArray input = experts.scalesInput() ? kernels.copy(through) : through;
        if (experts.scalesInput()) {
            RowFactors.multiply(input, routing.factors(expert));
        }
        Recording recording = experts.experts().expert(expert).record(input, some, pass);
        kernels.scatterAdd(
                sum,
                rows,
                recording.output(),
                experts.scalesInput() ? RowFactors.ones(rows.length) : routing.factors(expert));
        return new Part(expert, some, through, input, recording);
    }

    private INDArray backward(
            Recording router, Routing routing, List<Part> parts, INDArray gradient, Gradients gradients) {
        float[][] byFactors =
                new float[(int) gradient.size(0)][experts.experts().size()];
        INDArray sum = Nd4j.zeros(gradient.dataType(), gradient.size(0), gradient.size(1));
        for (Part part : parts) {
            int[] rows = routing.rows(part.expert);
            float[] factors = routing.factors(part.expert);
            INDArray passed = kernels.gather(gradient, rows);
            if (!experts.scalesInput()) {
                note(byFactors, part.expert, rows, RowFactors.products(passed, part.recording.output()));
                RowFactors.multiply(passed, factors);
            }
            INDArray before = part.recording.backward(passed, gradients);
            // What the derivative asked for again.
            part.weights.unload();
            kernels.release(passed);
            if (experts.scalesInput()) {
                note(byFactors, part.expert, rows, RowFactors.products(before, part.rows));
            }
            kernels.scatterAdd(sum, rows, before, experts.scalesInput() ? factors : RowFactors.ones(rows.length));
            kernels.release(before);
        }
        try (INDArray byScores = Nd4j.createFromArray(routing.scoreGradients(byFactors, gradients))) {
            return ArraySum.add(sum, router.backward(byScores, gradients), kernels);
        }
    }

    private static void note(float[][] byFactors, int expert, int[] rows, float[] each) {
        for (int i = 0; i < rows.length; i++) {
            byFactors[rows[i]][expert] = each[i];
        }
    }
}
