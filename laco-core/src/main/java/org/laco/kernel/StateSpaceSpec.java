package org.laco.kernel;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.base.Internal;

/**
 * The shape of a state space model of Mamba 2.
 *
 * @param heads the number of heads
 * @param headSize the width of a head
 * @param groups the number of groups of heads, a divisor of {@code heads}; the heads of a group share what writes and reads their states
 * @param stateSize the number of state elements for each element of a head
 * @param shortest the least time step
 * @param longest the greatest time step, may be infinite
 */
@Internal
public record StateSpaceSpec(int heads, int headSize, int groups, int stateSize, double shortest, double longest) {
    /** Checks that the heads fit the groups. */
    public StateSpaceSpec {
        checkArgument(
                heads > 0 && groups > 0 && heads % groups == 0, "%s heads don't divide into %s groups", heads, groups);
        checkArgument(
                headSize > 0 && stateSize > 0,
                "a head of %s elements and %s state elements each are not positive",
                headSize,
                stateSize);
        checkArgument(shortest <= longest, "time steps from %s to %s are none", shortest, longest);
    }

    /**
     * Returns the width of a row of all heads.
     *
     * @return {@code heads · headSize}
     */
    public int width() {
        return heads * headSize;
    }

    /**
     * Returns the width of a row of the heads' inputs with what writes and reads their states.
     *
     * @return {@code heads · headSize + 2 · groups · stateSize}
     */
    public int mixedWidth() {
        return width() + 2 * groups * stateSize;
    }

    /** The first column of what writes a head's state. */
    int writeColumn(int head) {
        return width() + head / (heads / groups) * stateSize;
    }

    /** The first column of what reads a head's state. */
    int readColumn(int head) {
        return writeColumn(head) + groups * stateSize;
    }
}
