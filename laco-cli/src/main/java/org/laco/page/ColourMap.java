package org.laco.page;

import com.google.common.collect.ImmutableList;
import java.util.Locale;

/**
 * The colour map viridis by Nathaniel Smith and Stéfan van der Walt (matplotlib, public domain by CC0): from dark blue to yellow, so that equal
 * differences look equally large, also to the colour-blind and in grey.
 *
 * <p>It is interpolated between the colours that matplotlib has at every eighth of it, by which no channel is off by more than 4 of 255.
 */
final class ColourMap {
    private static final ImmutableList<Integer> ANCHORS =
            ImmutableList.of(0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725);

    private static final int CHANNEL = 0xff;

    private ColourMap() {}

    /** Returns a colour as three channels from 0 to 255; shares beyond the ends have the colour of the end. */
    static int[] channels(double share) {
        double place = Math.min(1, Math.max(0, share)) * (ANCHORS.size() - 1);
        int below = Math.min((int) place, ANCHORS.size() - 2);
        int[] channels = new int[3];
        for (int i = 0; i < channels.length; i++) {
            int shift = 8 * (channels.length - 1 - i);
            int from = ANCHORS.get(below) >> shift & CHANNEL;
            int to = ANCHORS.get(below + 1) >> shift & CHANNEL;
            channels[i] = (int) Math.round(from + (place - below) * (to - from));
        }
        return channels;
    }

    /** Returns a colour as style sheets name it. */
    static String colour(double share) {
        int[] channels = channels(share);
        return String.format(Locale.ROOT, "#%02x%02x%02x", channels[0], channels[1], channels[2]);
    }

    /** Returns the colour of letters that can be read on a colour of the map. */
    static String letters(double share) {
        return share < 0.55 ? "#ffffff" : "#101418";
    }
}
