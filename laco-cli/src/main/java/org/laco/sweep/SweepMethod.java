package org.laco.sweep;

import com.google.common.collect.ImmutableSet;
import org.laco.search.Search;
import org.laco.search.Searches;

/**
 * A way to make a model smaller.
 *
 * @param name what tables and plots call it: the search's name, with {@code +refit} if merged layers are fitted
 * @param search the search
 * @param refit whether merged layers are fitted
 */
public record SweepMethod(String name, Search search, boolean refit) {
    private static final String SUFFIX = "+refit";
    private static final ImmutableSet<String> OWN = ImmutableSet.of("runs", "greedy");

    /**
     * Finds a method.
     *
     * @param name a search's name, with {@code +refit} behind it if merged layers are to be fitted
     * @return the method
     * @throws IllegalArgumentException if there is no such search
     */
    public static SweepMethod named(String name) {
        return name.endsWith(SUFFIX)
                ? new SweepMethod(name, Searches.named(name.substring(0, name.length() - SUFFIX.length())), true)
                : new SweepMethod(name, Searches.named(name), false);
    }

    /**
     * Returns whether this is one of laco's own searches without a refit, which gain by one; the others are there to compare with, as they
     * were published.
     *
     * @return whether to run it with a refit too
     */
    public boolean isOwn() {
        return OWN.contains(name);
    }

    /**
     * Returns this method with a refit.
     *
     * @return the method
     */
    public SweepMethod withRefit() {
        return refit ? this : new SweepMethod(name + SUFFIX, search, true);
    }
}
