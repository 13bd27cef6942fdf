package org.laco.kernel;

/** How the products of a query with the keys that it sees become the weights of their values. */
final class AttentionWeights {
    private final AttentionSpec spec;

    AttentionWeights(AttentionSpec spec) {
        this.spec = spec;
    }

    /** Returns the first position that a query sees; the last one is its own. */
    int first(int query) {
        return Math.max(0, query - spec.window().orElse(Integer.MAX_VALUE) + 1);
    }

    /**
     * Replaces a query's products with the keys that it sees, {@code count} elements from {@code at}, by weights whose sum is 1, or what a
     * sink leaves of it.
     */
    void weigh(float[] products, int at, int count, int head) {
        scale(products, at, count, head);
        float sink =
                spec.sinks().isEmpty() ? Float.NEGATIVE_INFINITY : spec.sinks().get(head);
        float highest = sink;
        for (int i = at; i < at + count; i++) {
            highest = Math.max(highest, products[i]);
        }
        double sum = sink == Float.NEGATIVE_INFINITY ? 0 : Exponential.exp(sink - highest);
        for (int i = at; i < at + count; i++) {
            products[i] = Exponential.exp(products[i] - highest);
            sum += products[i];
        }
        float share = (float) (1 / sum);
        for (int i = at; i < at + count; i++) {
            products[i] *= share;
        }
    }

    private void scale(float[] products, int at, int count, int head) {
        float scale = (float) spec.scale();
        for (int i = at; i < at + count; i++) {
            products[i] *= scale;
        }
        if (spec.softCap().isPresent()) {
            double cap = spec.softCap().getAsDouble();
            for (int i = at; i < at + count; i++) {
                products[i] = (float) (cap * Exponential.tanh(products[i] / cap));
            }
        }
        if (!spec.slopes().isEmpty()) {
            double slope = spec.slopes().get(head);
            int own = at + count - 1;
            for (int i = at; i < at + count; i++) {
                products[i] += (float) (slope * (i - own));
            }
        }
    }
}
