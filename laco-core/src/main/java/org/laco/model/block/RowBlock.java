package org.laco.model.block;

/** A block that computes each row by itself, such as a norm or a feed-forward network. */
public interface RowBlock extends Block {
    @Override
    default int longestBranch() {
        return Integer.MAX_VALUE;
    }
}
