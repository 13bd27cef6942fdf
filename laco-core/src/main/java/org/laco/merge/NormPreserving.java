package org.laco.merge;

import java.util.OptionalInt;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Another rule's result with each row r scaled to the norm that it has in the base layer:
 *
 * <pre>θ*_l[r] = ρ[r] · ‖θ_l[r]‖ / ‖ρ[r]‖,  ρ the other rule's result</pre>
 *
 * <p>So the whole matrix keeps the base layer's Frobenius norm too. Rows and not the whole, since a rule sees a few rows of a weight at
 * a time, and since a sum of differences inflates some rows more than others. A row is what lies along the last axis. Vectors, which
 * only the policy {@link NormPolicy#MERGED} merges, are left as the other rule makes them: an element has no direction to keep.
 *
 * @param rule the other rule
 */
record NormPreserving(MergeRule rule) implements MergeRule {
    @Override
    public String name() {
        return "norm-preserving:" + rule.name();
    }

    @Override
    public OptionalInt selects(int count) {
        OptionalInt selected = rule.selects(count);
        return selected.isPresent() && selected.getAsInt() == 0 ? selected : OptionalInt.empty();
    }

    @Override
    public MergeRule normPreserving() {
        return this;
    }

    @Override
    public void merge(SpanWeights weights, INDArray destination) {
        rule.merge(weights, destination);
        if (destination.rank() < 2 || destination.isEmpty()) {
            return;
        }
        int width = Math.toIntExact(destination.size(-1));
        int rows = Math.toIntExact(destination.length() / width);
        INDArray base = weights.scratch();
        weights.copyTo(0, base);
        try (INDArray scales =
                Nd4j.createFromArray(scales(base, destination, rows, width)).reshape(rows, 1)) {
            destination.reshape(rows, width).muliColumnVector(scales);
        }
    }

    /** Sums squares from left to right in double, so that a row's scale doesn't depend on the rows beside it. */
    private static float[] scales(INDArray base, INDArray merged, int rows, int width) {
        HostFloats wanted = HostFloats.of(base);
        HostFloats found = HostFloats.of(merged);
        float[] row = new float[width];
        float[] scales = new float[rows];
        for (int i = 0; i < rows; i++) {
            wanted.get(i * width, row, width);
            double norm = norm(row);
            found.get(i * width, row, width);
            double inflated = norm(row);
            scales[i] = inflated == 0 ? 1 : (float) (norm / inflated);
        }
        return scales;
    }

    private static double norm(float[] row) {
        double sum = 0;
        for (float value : row) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }
}
