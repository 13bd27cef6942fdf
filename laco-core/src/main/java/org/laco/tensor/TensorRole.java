package org.laco.tensor;

/** What a tensor of a layer is for, which decides what a merge does with it. */
public enum TensorRole {
    /** A weight matrix of attention, feed-forward, an expert or a router: merged by the rule. */
    LINEAR,
    /**
     * A weight of a normalisation, or another that acts on each channel or head by itself, such as a short convolution's kernel: merged by
     * the norm policy.
     */
    NORM,
    /** A bias of a linear map: merged by the norm policy. */
    BIAS,
    /** Anything else that a checkpoint stores with a layer, such as rotary frequencies: kept from the base layer. */
    BUFFER
}
