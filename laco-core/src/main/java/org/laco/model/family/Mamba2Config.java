package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.kernel.Activation;
import org.laco.kernel.StateSpaceSpec;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.GroupNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Mamba2;

/**
 * A Mamba 2 mixer by what the families that have one call differently.
 *
 * @param name what its tensors' names begin with
 * @param width the hidden width
 * @param spec the numbers of heads and groups and their sizes
 * @param convolution the number of positions of its convolution
 * @param biasedConvolution whether the convolution has a bias
 * @param biased whether its maps have biases
 * @param activation the function after the convolution
 * @param epsilon ε of its norm
 */
record Mamba2Config(
        String name,
        int width,
        StateSpaceSpec spec,
        int convolution,
        boolean biasedConvolution,
        boolean biased,
        Activation activation,
        double epsilon) {
    /** Checks that heads divide into groups, as both families' keys say. */
    static int dividedBy(String groupKey, int groups, String headKey, int heads) {
        checkArgument(
                heads % groups == 0, "config.json: %s %s is not a multiple of %s %s", headKey, heads, groupKey, groups);
        return groups;
    }

    Block block() {
        int inner = spec.width();
        return new Mamba2(
                name,
                Linear.of(name + ".in_proj", width, inner + spec.mixedWidth() + spec.heads(), biased),
                new CausalConvolution(name + ".conv1d", spec.mixedWidth(), convolution, biasedConvolution),
                activation,
                spec,
                new GroupNorm(name + ".norm", inner, spec.groups(), epsilon),
                Linear.of(name + ".out_proj", inner, width, biased));
    }
}
