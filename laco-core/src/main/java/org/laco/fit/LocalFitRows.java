package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows computed in this process: the hidden states of the original and of the plan, which go up together, and begin anew where another
 * place is asked about than one further up.
 */
final class LocalFitRows implements FitRows {
    private final LayerStack stack;
    private final Fit refit;
    private final ImmutableList<FitBatch> batches;
    private Optional<States> states = Optional.empty();
    private Optional<FitJudge> judge = Optional.empty();
    /** The layer that was asked about last, whose weights are read once for all batches of a question. */
    private Optional<OpenLayer> open = Optional.empty();
    /** The rows of the batch that was asked about last. */
    private Optional<Regression> last = Optional.empty();
    /** The most numbers that a batch's rows have had. */
    private long largestBatch;
    /** The most numbers that were multiplied in double. */
    private long largestBlock;

    private long largestStates;

    LocalFitRows(LayerStack stack, Fit refit, ImmutableList<FitBatch> batches) {
        this.stack = stack;
        this.refit = refit;
        this.batches = batches;
    }

    /** The hidden states at a place. */
    private final class States implements AutoCloseable {
        private final int lowest;
        private final HiddenStates original;
        private final HiddenStates collapsed;
        private int reached;
        /** The plan's layers that have run from the lowest changed one up. */
        private ImmutableList<Object> run = ImmutableList.of();
        /** What leaves a step of the original's layer. */
        private Optional<HiddenStates> afterStep = Optional.empty();

        private ImmutableList<Object> place = ImmutableList.of();

        States(FitPlace first) {
            lowest = first.lowest();
            original = HiddenStates.entering(stack, batches);
            try {
                advanceOriginal(lowest);
                collapsed = original.copy();
            } catch (RuntimeException | Error e) {
                original.close();
                throw e;
            }
        }

        private void advanceOriginal(int to) {
            while (reached < to) {
                original.advance(SourceLayer.of(reached));
                reached++;
                if (reached == stack.layerCount() && refit.method().endsAfterNorm()) {
                    original.finish();
                }
            }
        }

        /** Returns whether a place can be reached from here. */
        boolean isBelow(FitPlace other) {
            ImmutableList<Object> wanted = other.run();
            return other.lowest() == lowest
                    && other.reached() >= reached
                    && run.size() <= wanted.size()
                    && run.equals(wanted.subList(0, run.size()));
        }

        void moveTo(FitPlace next) {
            closeStep();
            place = next.key();
            for (int i = lowest + run.size(); i < next.layer(); i++) {
                collapsed.advance(next.plan().layers().get(i));
            }
            run = next.run();
        }

        /** Returns what a place's output is held against, to which the original goes up only where it is asked for. */
        HiddenStates target(FitPlace here) {
            advanceOriginal(here.reached());
            if (here.step().isEmpty()) {
                return original;
            }
            if (afterStep.isEmpty()) {
                afterStep = Optional.of(original.after(here.planned().base(), here.map(stack)));
                noteBytes();
            }
            return afterStep.get();
        }

        void noteBytes() {
            largestStates = Math.max(
                    largestStates,
                    collapsed.bytes()
                            + original.bytes()
                            + afterStep.map(HiddenStates::bytes).orElse(0L));
        }

        private void closeStep() {
            afterStep.ifPresent(HiddenStates::close);
            afterStep = Optional.empty();
        }

        @Override
        public void close() {
            closeStep();
            collapsed.close();
            original.close();
        }
    }

    private States at(FitPlace place) {
        if (states.isPresent() && !states.get().isBelow(place)) {
            states.get().close();
            states = Optional.empty();
        }
        if (states.isEmpty()) {
            states = Optional.of(new States(place));
        }
        States here = states.get();
        if (!here.place.equals(place.key())) {
            here.moveTo(place);
        }
        here.noteBytes();
        return here;
    }

    /** Rows of one batch as the regression has them. */
    private record Regression(
            ImmutableList<Object> place, int batch, TracedRows rows, INDArray features, INDArray targets)
            implements AutoCloseable {
        int tiles() {
            return NormalEquations.tiles(features.size(1), targets.size(1));
        }

        @Override
        public void close() {
            if (features != rows.activations()) {
                features.close();
            }
            rows.close();
        }
    }

    @Override
    public void sums(FitPlace place, Sums equations) {
        for (int batch = 0; batch < batches.size(); batch++) {
            if (batches.get(batch).fitted()) {
                Regression rows = regression(place, batch);
                NormalEquations.products(rows.features, rows.targets, 0, rows.tiles(), equations::add);
            }
        }
        forgetRows();
        closeLayer();
    }

    /** Computes what a batch adds to some tiles. */
    void products(FitPlace place, int batch, int from, int to, Sums use) {
        Regression rows = regression(place, batch);
        NormalEquations.products(rows.features, rows.targets, from, to, use);
        if (to == rows.tiles()) {
            forgetRows();
        }
    }

    private Regression regression(FitPlace place, int batch) {
        ImmutableList<Object> key = place.key();
        if (last.filter(rows -> rows.place.equals(key) && rows.batch == batch).isEmpty()) {
            forgetRows();
            last = Optional.of(traced(place, batch, (rows, merged) -> {
                INDArray features = refit.method().features(rows.activations(), merged.weight());
                INDArray targets = refit.method().targets(rows.residuals().get(0), features);
                largestBatch = Math.max(
                        largestBatch, rows.numbers() + (features == rows.activations() ? 0 : features.length()));
                largestBlock = Math.max(largestBlock, NormalEquations.numbers(features, targets));
                return new Regression(key, batch, rows, features, targets);
            }));
        }
        return last.get();
    }

    private interface RowsUse<T> {
        T apply(TracedRows rows, MergedMap merged);
    }

    private <T> T traced(FitPlace place, int batch, RowsUse<T> use) {
        States here = at(place);
        PlannedLayer layer = place.planned();
        OutputMap map = place.map(stack);
        INDArray target = here.target(place).get(batch);
        OpenLayer opened = open(place, layer, map);
        return use.apply(
                TracedRows.of(
                        opened.loaded,
                        map,
                        refit.method(),
                        batches.get(batch),
                        here.collapsed.get(batch),
                        target,
                        ImmutableList.of(target)),
                opened.merged);
    }

    /** A layer whose weights stay once they are read. */
    private record OpenLayer(ImmutableList<Object> place, LoadedLayer loaded, MergedMap merged)
            implements AutoCloseable {
        @Override
        public void close() {
            merged.close();
            loaded.close();
        }
    }

    private OpenLayer open(FitPlace place, PlannedLayer layer, OutputMap map) {
        ImmutableList<Object> key = place.key();
        if (open.filter(opened -> opened.place.equals(key)).isEmpty()) {
            closeLayer();
            // Without a pool there is nothing in the runner to keep or to close.
            LoadedLayer loaded = LayerRunner.unpooled(stack).load(layer);
            try {
                open = Optional.of(new OpenLayer(key, loaded, MergedMap.of(stack, layer, loaded, map, refit)));
            } catch (RuntimeException | Error e) {
                loaded.close();
                throw e;
            }
        }
        return open.get();
    }

    /** Lets the weights of the layer go that was asked about last. */
    void closeLayer() {
        open.ifPresent(OpenLayer::close);
        open = Optional.empty();
    }

    private void forgetRows() {
        last.ifPresent(Regression::close);
        last = Optional.empty();
    }

    @Override
    public Errors errors(FitPlace place, FittedTensor weight) {
        Errors all = IntStream.range(0, batches.size())
                .filter(batch -> batches.get(batch).measured())
                .mapToObj(batch -> errors(place, batch, weight))
                .reduce(Errors.NONE, Errors::plus);
        closeLayer();
        return all;
    }

    /** Measures the error on one batch. */
    Errors errors(FitPlace place, int batch, FittedTensor weight) {
        return traced(place, batch, (rows, merged) -> {
            try (rows;
                    INDArray change = merged.change(weight)) {
                INDArray residuals = rows.residuals().get(0);
                return new Errors(
                        TracedRows.squaresOf(residuals),
                        TracedRows.squaresAfter(rows.activations(), residuals, change),
                        rows.squares(at(place).target(place).get(batch)));
            }
        });
    }

    @Override
    public Comparison compare(FitPlace place) {
        String name = place.map(stack).weight();
        FitJudge.Comparison comparison = judge().compare(at(place).collapsed, place.next());
        comparison.add(place.planned());
        return new Comparison() {
            @Override
            public void add(FittedTensor weight) {
                comparison.add(FittedLayer.with(place.planned(), name, weight));
            }

            @Override
            public int best() {
                return comparison.best();
            }

            @Override
            public void close() {
                comparison.close();
            }
        };
    }

    /**
     * Computes the scores of a place with several weights.
     *
     * @param layers the layer with each weight
     * @param sample whether on some of the rows and tokens
     * @param member on which of the batches that judge
     */
    double[] scores(FitPlace place, List<PlannedLayer> layers, boolean sample, int member) {
        try (FitJudge.Comparison comparison = judge().compare(at(place).collapsed, place.next())) {
            layers.forEach(comparison::add);
            return comparison.scores(new WeightChoice.Pass(
                    sample,
                    member,
                    IntStream.range(0, layers.size()).boxed().collect(ImmutableList.toImmutableList())));
        }
    }

    private FitJudge judge() {
        if (judge.isEmpty()) {
            judge = Optional.of(FitJudge.of(stack, batches));
        }
        return judge.get();
    }

    @Override
    public long stateBytes() {
        return largestStates;
    }

    @Override
    public long batchBytes() {
        return Float.BYTES * largestBatch + Double.BYTES * largestBlock;
    }

    @Override
    public void close() {
        forgetRows();
        closeLayer();
        states.ifPresent(States::close);
        states = Optional.empty();
        judge.ifPresent(FitJudge::close);
        judge = Optional.empty();
    }
}
