package org.laco.train;

/** All of the original's logits: the gradient of KL(q ‖ p) by the logits of p is p − q. */
final class WholeOriginalRow implements OriginalRow {
    private final NextTokenRow original;

    WholeOriginalRow(int vocabulary) {
        this.original = new NextTokenRow(vocabulary);
    }

    @Override
    public void read(float[] kept) {
        System.arraycopy(kept, 0, original.logits(), 0, original.logits().length);
        original.normalise();
    }

    @Override
    public double divergence(NextTokenRow trained, float[] gradient, float factor) {
        float[] p = trained.probabilities();
        float[] q = original.probabilities();
        float[] logits = trained.logits();
        float[] originals = original.logits();
        // log q − log p = (logit of q − logit of p) − (normaliser of q − normaliser of p)
        double shift = original.normaliser() - trained.normaliser();
        double even = 0;
        double odd = 0;
        for (int i = 0; i + 2 <= q.length; i += 2) {
            even += q[i] * ((double) originals[i] - logits[i] - shift);
            odd += q[i + 1] * ((double) originals[i + 1] - logits[i + 1] - shift);
        }
        int last = q.length - 1;
        if (q.length % 2 == 1) {
            even += q[last] * ((double) originals[last] - logits[last] - shift);
        }
        for (int i = 0; i < q.length; i++) {
            gradient[i] += factor * (p[i] - q[i]);
        }
        return Math.max(0, even + odd);
    }
}
