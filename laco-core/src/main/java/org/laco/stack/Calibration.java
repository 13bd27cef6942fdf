package org.laco.stack;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sequences on which a collapsed model is compared with the original: token ids, or feature rows for a stack that is not a
 * language model.
 *
 * <pre>{@code
 * Calibration calibration = Calibration.ofTokens(new int[] {504, 3575, 282}, new int[] {504, 1412});
 * calibration.layout().rows();   // 5
 * }</pre>
 */
public final class Calibration {
    private final ImmutableList<int[]> tokens;
    private final ImmutableList<INDArray> features;
    private final SequenceLayout layout;

    private Calibration(ImmutableList<int[]> tokens, ImmutableList<INDArray> features, SequenceLayout layout) {
        this.tokens = tokens;
        this.features = features;
        this.layout = layout;
    }

    /**
     * Takes sequences of token ids, special tokens included.
     *
     * @param sequences one array a sequence
     * @return the calibration
     * @throws IllegalArgumentException if there is no sequence, one is empty, or an id is negative
     */
    public static Calibration ofTokens(int[]... sequences) {
        return ofTokens(Arrays.asList(sequences));
    }

    /**
     * Takes sequences of token ids, special tokens included.
     *
     * @param sequences one array a sequence
     * @return the calibration
     * @throws IllegalArgumentException if there is no sequence, one is empty, or an id is negative
     */
    public static Calibration ofTokens(List<int[]> sequences) {
        checkArgument(!sequences.isEmpty(), "the calibration is empty: it needs at least one sequence");
        ImmutableList.Builder<int[]> tokens = ImmutableList.builder();
        ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
        for (int i = 0; i < sequences.size(); i++) {
            int[] ids = sequences.get(i).clone();
            checkArgument(ids.length > 0, "calibration sequence %s is empty", i);
            for (int at = 0; at < ids.length; at++) {
                checkArgument(
                        ids[at] >= 0, "calibration sequence %s, position %s: token id %s is negative", i, at, ids[at]);
            }
            tokens.add(ids);
            lengths.add(ids.length);
        }
        return new Calibration(tokens.build(), ImmutableList.of(), SequenceLayout.of(lengths.build()));
    }

    /**
     * Takes sequences of feature rows, for a stack whose input is not text.
     *
     * @param sequences one matrix {@code [positions, features]} a sequence, which must not be changed afterwards
     * @return the calibration
     * @throws IllegalArgumentException if there is no sequence, one is no matrix, or their widths differ
     */
    public static Calibration ofFeatures(INDArray... sequences) {
        checkArgument(sequences.length > 0, "the calibration is empty: it needs at least one sequence");
        ImmutableList.Builder<Integer> lengths = ImmutableList.builder();
        for (int i = 0; i < sequences.length; i++) {
            checkArgument(
                    sequences[i].rank() == 2 && sequences[i].size(1) == sequences[0].size(1),
                    "calibration sequence %s has shape %s, expected [positions, %s]",
                    i,
                    Arrays.toString(sequences[i].shape()),
                    sequences[0].size(sequences[0].rank() - 1));
            lengths.add(Math.toIntExact(sequences[i].size(0)));
        }
        return new Calibration(ImmutableList.of(), ImmutableList.copyOf(sequences), SequenceLayout.of(lengths.build()));
    }

    /**
     * Returns how the sequences are stacked in one matrix.
     *
     * @return the layout
     */
    public SequenceLayout layout() {
        return layout;
    }

    /**
     * Returns whether the sequences are token ids.
     *
     * @return false if they are feature rows
     */
    public boolean isTokens() {
        return !tokens.isEmpty();
    }

    /**
     * Returns the token ids of a sequence.
     *
     * @param sequence the sequence, from 0
     * @return a copy
     * @throws IllegalStateException if the sequences are feature rows
     */
    public int[] tokens(int sequence) {
        checkState(isTokens(), "the calibration holds feature rows, not token ids");
        return tokens.get(sequence).clone();
    }

    /**
     * Returns the feature rows of a sequence.
     *
     * @param sequence the sequence, from 0
     * @return the matrix {@code [positions, features]}
     * @throws IllegalStateException if the sequences are token ids
     */
    public INDArray features(int sequence) {
        checkState(!isTokens(), "the calibration holds token ids, not feature rows");
        return features.get(sequence);
    }

    /**
     * Returns some of the sequences.
     *
     * @param from the first, from 0
     * @param to the one after the last, greater than {@code from}
     * @return a calibration of these
     * @throws IllegalArgumentException if there are no such sequences
     */
    public Calibration sequences(int from, int to) {
        checkArgument(
                0 <= from && from < to && to <= layout.count(),
                "there are no sequences from %s to before %s in a calibration of %s",
                from,
                to,
                layout.count());
        return sequences(IntStream.range(from, to).boxed().toList());
    }

    /**
     * Returns some of the sequences in any order.
     *
     * @param members the indices of the sequences, from 0
     * @return a calibration of these
     * @throws IllegalArgumentException if there are none
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public Calibration sequences(List<Integer> members) {
        return isTokens()
                ? ofTokens(members.stream().map(tokens::get).toList())
                : ofFeatures(members.stream().map(features::get).toArray(INDArray[]::new));
    }

    /**
     * Returns the first sequences, as many as have together no more than a number of rows.
     *
     * @param rows the most tokens or feature rows
     * @return a calibration of these; of the first sequence where that alone has more
     */
    public Calibration first(long rows) {
        int count = 1;
        for (long sum = layout.length(0); count < layout.count(); count++) {
            sum += layout.length(count);
            if (sum > rows) {
                break;
            }
        }
        return sequences(0, count);
    }

    @Override
    public String toString() {
        return "Calibration[" + layout + "]";
    }
}
