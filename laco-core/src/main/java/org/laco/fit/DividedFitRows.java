package org.laco.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedTensor;
import org.laco.stack.LayerStack;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rows that others compute: each a share of the batches that fits are made to, whose sums are added here in the order of batches; and of
 * the batches that judge each some of the weights.
 */
final class DividedFitRows implements FitRows {
    /** How many bytes of sums are on their way at once. */
    static final long MOST_BYTES = 1L << 28;

    private final long mostBytes;
    private final LayerStack stack;
    private final Fit refit;
    private final ImmutableList<FitBatch> batches;
    private final FitWorkers workers;
    /** The batches that fits are made to, of which each share has one after the other. */
    private final ImmutableList<Integer> fitted;

    private final int shareCount;
    /** The batches that no fit is made to. */
    private final ImmutableList<Integer> heldOut;

    private long stateBytes;
    private long batchBytes;

    DividedFitRows(LayerStack stack, Fit refit, ImmutableList<FitBatch> batches, FitWorkers workers, long mostBytes) {
        this.mostBytes = mostBytes;
        this.stack = stack;
        this.refit = refit;
        this.batches = batches;
        this.workers = workers;
        this.fitted = numbers(batches, FitBatch::fitted);
        this.heldOut = numbers(batches, FitBatch::heldOut);
        this.shareCount = Math.min(workers.count(), fitted.size());
    }

    private static ImmutableList<Integer> numbers(List<FitBatch> batches, Predicate<FitBatch> test) {
        return IntStream.range(0, batches.size())
                .filter(batch -> test.test(batches.get(batch)))
                .boxed()
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public void sums(FitPlace place, Sums equations) {
        StoredTensor weight = stack.tensors(place.planned().base().index())
                .get(place.map(stack).weight())
                .tensor();
        boolean inputFirst = place.map(stack).inputFirst();
        long in = weight.shape()[inputFirst ? 0 : 1];
        long outputs = weight.shape()[inputFirst ? 1 : 0];
        Size size = new Size(refit.method().count(in, outputs), outputs);
        // Of every share one batch, or more if there is room for their sums; fewer if there isn't even for a tile of
        // each.
        long atOnce =
                Math.max(mostBytes / size.bytes(0, size.tiles()), Math.min(shareCount, mostBytes / size.largestTile()));
        // One after the other, so that each is added in its turn.
        for (List<Integer> some : Lists.partition(fitted, (int) Math.max(1, Math.min(fitted.size(), atOnce)))) {
            for (int from = 0; from < size.tiles(); ) {
                int to = size.end(from, mostBytes / some.size());
                add(place, some, from, to, size, equations);
                from = to;
            }
        }
    }

    /** Asks every share for its part of some batches, and adds them in their order. */
    private void add(FitPlace place, List<Integer> some, int from, int to, Size size, Sums equations) {
        List<FitQuestion> questions = new ArrayList<>();
        for (int number = 0; number < shareCount; number++) {
            ImmutableList<Integer> share = share(number);
            ImmutableList<Integer> asked =
                    share.stream().filter(some::contains).collect(ImmutableList.toImmutableList());
            if (!asked.isEmpty()) {
                questions.add(
                        question(FitQuestion.Kind.SUMS, ImmutableList.of(place.plan()), place, share, asked, from, to));
            }
        }
        Map<Integer, double[]> answers = new HashMap<>();
        int length = Math.toIntExact(size.bytes(from, to) / Double.BYTES);
        ask(questions, (question, answer) -> {
            for (int i = 0; i < question.batches().size(); i++) {
                answers.put(question.batches().get(i), Arrays.copyOfRange(answer, i * length, (i + 1) * length));
            }
        });
        for (int batch : some) {
            double[] products = answers.remove(batch);
            int at = 0;
            for (int tile = from; tile < to; tile++) {
                long[] shape = size.shape(tile);
                int end = at + Math.toIntExact(shape[0] * shape[1]);
                equations.add(
                        tile,
                        Nd4j.createFromArray(Arrays.copyOfRange(products, at, end))
                                .reshape('f', shape));
                at = end;
            }
        }
    }

    private ImmutableList<Integer> share(int number) {
        return IntStream.range(0, fitted.size())
                .filter(i -> i % shareCount == number)
                .mapToObj(fitted::get)
                .collect(ImmutableList.toImmutableList());
    }

    private FitQuestion question(
            FitQuestion.Kind kind,
            ImmutableList<CollapsePlan> plans,
            FitPlace place,
            ImmutableList<Integer> share,
            ImmutableList<Integer> asked,
            int from,
            int to) {
        return new FitQuestion(kind, plans, place.layer(), place.step(), share, asked, from, to);
    }

    private void ask(List<FitQuestion> questions, BiConsumer<FitQuestion, double[]> each) {
        Iterator<FitQuestion> next = questions.iterator();
        workers.ask(questions, answer -> {
            stateBytes = Math.max(stateBytes, answer.stateBytes());
            batchBytes = Math.max(batchBytes, answer.batchBytes());
            each.accept(next.next(), answer.numbers());
        });
    }

    @Override
    public Errors errors(FitPlace place, FittedTensor weight) {
        workers.take(weight);
        ImmutableList<CollapsePlan> plans =
                ImmutableList.of(place.plan(), place.with(stack, weight).plan());
        ImmutableList<Integer> measured = numbers(batches, FitBatch::measured);
        List<FitQuestion> questions = new ArrayList<>();
        if (heldOut.isEmpty()) {
            for (int batch : measured) {
                questions.add(question(
                        FitQuestion.Kind.ERRORS,
                        plans,
                        place,
                        share(fitted.indexOf(batch) % shareCount),
                        ImmutableList.of(batch),
                        0,
                        0));
            }
        } else {
            questions.add(question(FitQuestion.Kind.ERRORS, plans, place, heldOut, measured, 0, 0));
        }
        List<Errors> all = new ArrayList<>();
        ask(questions, (question, answer) -> {
            for (int i = 0; i < answer.length; i += 3) {
                all.add(new Errors(answer[i], answer[i + 1], answer[i + 2]));
            }
        });
        workers.forget(weight);
        return all.stream().reduce(Errors.NONE, Errors::plus);
    }

    @Override
    public Comparison compare(FitPlace place) {
        return new DividedComparison(place);
    }

    /** Weights of which each is compared by one of the others. */
    private final class DividedComparison implements Comparison {
        private final FitPlace place;
        /** The plan as it is and with each weight. */
        private final List<CollapsePlan> plans = new ArrayList<>();

        private final List<FittedTensor> weights = new ArrayList<>();

        DividedComparison(FitPlace place) {
            this.place = place;
            plans.add(place.plan());
        }

        @Override
        public void add(FittedTensor weight) {
            workers.take(weight);
            weights.add(weight);
            plans.add(place.with(stack, weight).plan());
        }

        @Override
        public int best() {
            ImmutableList<Integer> members = FitJudge.members(batches);
            return new WeightChoice(
                            plans.size(),
                            members.stream()
                                    .map(member -> batches.get(member).input())
                                    .toList(),
                            passes -> scores(members, passes))
                    .best();
        }

        private List<double[]> scores(List<Integer> members, List<WeightChoice.Pass> passes) {
            List<double[]> scores = new ArrayList<>();
            ask(
                    passes.stream()
                            .map(pass -> question(
                                    pass.sample() ? FitQuestion.Kind.SAMPLE : FitQuestion.Kind.SCORES,
                                    pass.weights().stream().map(plans::get).collect(ImmutableList.toImmutableList()),
                                    place,
                                    heldOut,
                                    ImmutableList.of(members.get(pass.member())),
                                    0,
                                    0))
                            .toList(),
                    (question, answer) -> scores.add(answer));
            return scores;
        }

        @Override
        public void close() {
            weights.forEach(workers::forget);
        }
    }

    @Override
    public long stateBytes() {
        return stateBytes;
    }

    @Override
    public long batchBytes() {
        return batchBytes;
    }

    @Override
    public void close() {
        workers.close();
    }

    /**
     * The sizes of what sums are made of.
     *
     * @param features the inputs of the regression
     * @param outputs its outputs
     */
    private record Size(long features, long outputs) {
        int tiles() {
            return NormalEquations.tiles(features, outputs);
        }

        long bytes(int from, int to) {
            return IntStream.range(from, to)
                    .mapToLong(tile -> Double.BYTES * NormalEquations.length(features, outputs, tile))
                    .sum();
        }

        long largestTile() {
            return IntStream.range(0, tiles())
                    .mapToLong(tile -> bytes(tile, tile + 1))
                    .max()
                    .orElseThrow();
        }

        long[] shape(int tile) {
            return NormalEquations.shape(features, outputs, tile);
        }

        /** Returns the tile after those that together have no more than a number of bytes, at least one. */
        int end(int from, long most) {
            int to = from + 1;
            while (to < tiles() && bytes(from, to + 1) <= most) {
                to++;
            }
            return to;
        }
    }
}
