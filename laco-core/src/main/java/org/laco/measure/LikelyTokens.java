package org.laco.measure;

import org.laco.stack.ForwardingStack;
import org.laco.stack.LanguageStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A language model that is asked for the logits of some of its tokens only. */
final class LikelyTokens extends ForwardingStack {
    private final int[] tokens;

    LikelyTokens(LanguageStack model, int[] tokens) {
        super(model);
        this.tokens = tokens;
    }

    @Override
    public int vocabulary() {
        return tokens.length;
    }

    @Override
    public INDArray logits(INDArray output) {
        return LanguageStack.require(delegate()).logits(output, tokens);
    }
}
