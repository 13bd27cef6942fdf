package org.laco.kernel;

import java.util.Arrays;
import org.laco.tensor.HostFloats;

/**
 * Neighbouring channels that are computed together, with as many places as all groups have: those that the last one lacks hold zeros.
 *
 * @param number the group's number
 * @param channels the number of channels of all groups
 */
record ChannelGroup(int number, int channels) {
    /** Places of a group. */
    static final int SIZE = 64;

    static int count(int channels) {
        return (channels + SIZE - 1) / SIZE;
    }

    int first() {
        return number * SIZE;
    }

    /** How many of the places are channels. */
    int size() {
        return Math.min(SIZE, channels - first());
    }

    /** Reads these channels of rows {@code [from, to)}. */
    void read(HostFloats all, int from, int to, float[] destination) {
        for (int row = from; row < to; row++) {
            int at = (row - from) * SIZE;
            all.get(row * channels + first(), destination, at, size());
            Arrays.fill(destination, at + size(), at + SIZE, 0);
        }
    }

    /** Writes these channels of rows {@code [from, to)}. */
    void write(float[] source, int from, int to, HostFloats all) {
        for (int row = from; row < to; row++) {
            all.put(row * channels + first(), source, (row - from) * SIZE, size());
        }
    }
}
