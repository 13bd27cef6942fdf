package org.laco.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.laco.base.Internal;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Answers questions about {@link FitRows}. Hidden states of a share of the batches are kept from one place of a plan to the next; what isn't
 * there is computed from the tokens.
 */
@Internal
public final class FitWorker implements AutoCloseable {
    private final LayerStack stack;
    private final Fit refit;
    private final ImmutableList<FitBatch> batches;
    private final Map<ImmutableList<Integer>, LocalFitRows> shares = new HashMap<>();

    /**
     * Prepares to answer.
     *
     * @param stack the original model
     * @param sequences the sequences to fit to
     * @param refit how to fit
     */
    public FitWorker(LayerStack stack, Calibration sequences, Fit refit) {
        this.stack = stack;
        this.refit = refit;
        this.batches = FitBatch.divide(sequences, refit);
    }

    /**
     * Answers a question.
     *
     * @param question the question
     * @return the numbers that it asks for
     */
    public FitAnswer answer(FitQuestion question) {
        LocalFitRows rows = shares.computeIfAbsent(
                question.share(),
                share -> new LocalFitRows(
                        stack, refit, share.stream().map(batches::get).collect(ImmutableList.toImmutableList())));
        double[] numbers = numbers(question, rows);
        // Weights are read once a question; hidden states are what is kept between questions.
        rows.closeLayer();
        return new FitAnswer(
                numbers,
                shares.values().stream().mapToLong(LocalFitRows::stateBytes).sum(),
                shares.values().stream()
                        .mapToLong(LocalFitRows::batchBytes)
                        .max()
                        .orElse(0));
    }

    private double[] numbers(FitQuestion question, LocalFitRows rows) {
        List<Integer> asked =
                question.batches().stream().map(question.share()::indexOf).toList();
        FitPlace place = question.place(0);
        return switch (question.kind()) {
            case SUMS -> {
                List<double[]> all = new ArrayList<>();
                asked.forEach(batch -> all.add(sums(rows, place, batch, question.from(), question.to())));
                yield Doubles.concat(all.toArray(double[][]::new));
            }
            case ERRORS -> {
                ImmutableDoubleArray.Builder all = ImmutableDoubleArray.builder();
                asked.forEach(batch -> {
                    FitRows.Errors errors =
                            rows.errors(place, batch, question.place(1).tensor(stack));
                    all.add(errors.before()).add(errors.after()).add(errors.all());
                });
                yield all.build().toArray();
            }
            case SAMPLE, SCORES -> {
                List<PlannedLayer> layers = new ArrayList<>();
                for (int i = 0; i < question.plans().size(); i++) {
                    layers.add(question.place(i).planned());
                }
                yield rows.scores(place, layers, question.kind() == FitQuestion.Kind.SAMPLE, asked.get(0));
            }
        };
    }

    private static double[] sums(LocalFitRows rows, FitPlace place, int batch, int from, int to) {
        double[][] tiles = new double[to - from][];
        rows.products(place, batch, from, to, (tile, products) -> {
            try (INDArray made = products) {
                tiles[tile - from] = made.data().asDouble();
            }
        });
        return Doubles.concat(tiles);
    }

    /** Frees the hidden states. */
    @Override
    public void close() {
        shares.values().forEach(LocalFitRows::close);
        shares.clear();
    }
}
