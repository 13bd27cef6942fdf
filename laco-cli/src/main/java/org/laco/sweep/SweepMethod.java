package org.laco.sweep;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.Arrays;
import java.util.Optional;
import org.laco.fit.Patch;
import org.laco.merge.MergeRules;
import org.laco.search.Search;
import org.laco.search.Searches;

/**
 * A way to make a model smaller, or to see how good a smaller one could be.
 *
 * @param name what tables and plots call it: the search's name, with {@code +refit} if merged layers are fitted, or the patch's name if a
 *     matrix is added at each gap
 * @param search the search
 * @param refit whether merged layers are fitted
 * @param patch how matrices at the gaps are estimated, empty without them; with them, results are measured and can't be written
 * @param folded whether that of LinearPatch is folded in that can be, a gain at each gap, so that results can be written
 */
public record SweepMethod(String name, Search search, boolean refit, Optional<Patch> patch, boolean folded) {
    private static final String SUFFIX = "+refit";
    private static final String FOLDED = "+linearpatch-folded";
    private static final ImmutableSet<String> OWN = ImmutableSet.of("runs", "greedy");
    /** Whose gaps LinearPatch and Ghosted Layers were published with. */
    private static final String PATCHED = "streamline";

    /**
     * Finds a method.
     *
     * @param name a search's name, with {@code +refit} behind it if merged layers are to be fitted, with {@code +linearpatch} or {@code
     *     +ghosted} if a matrix is to be added where layers were left out, or with {@code +linearpatch-folded} for what of it can be folded in
     * @return the method
     * @throws IllegalArgumentException if there is no such search, or it merges layers where a matrix is to stand for them
     */
    public static SweepMethod named(String name) {
        return Arrays.stream(Patch.values())
                .filter(patch -> name.endsWith(suffix(patch)))
                .findFirst()
                .map(patch -> patched(name, patch))
                .orElseGet(() -> unpatched(name));
    }

    private static SweepMethod unpatched(String name) {
        if (name.endsWith(FOLDED)) {
            return new SweepMethod(name, gapped(name, FOLDED), false, Optional.empty(), true);
        }
        return name.endsWith(SUFFIX)
                ? new SweepMethod(name, Searches.named(without(SUFFIX, name)), true, Optional.empty(), false)
                : new SweepMethod(name, Searches.named(name), false, Optional.empty(), false);
    }

    private static SweepMethod patched(String name, Patch patch) {
        return new SweepMethod(name, gapped(name, suffix(patch)), false, Optional.of(patch), false);
    }

    /** Finds a search that leaves gaps. */
    private static Search gapped(String name, String suffix) {
        Search search = Searches.named(without(suffix, name));
        checkArgument(
                leavesOut(search),
                "%s: there are no gaps to patch, since %s merges layers or fits what stands for them; there are with %s",
                name,
                search.name(),
                String.join(
                        ", ",
                        Maps.filterValues(Searches.all(), SweepMethod::leavesOut)
                                .keySet()));
        return search;
    }

    private static boolean leavesOut(Search search) {
        return search.fit().isEmpty() && search.rule().equals(MergeRules.keepFirst());
    }

    private static String suffix(Patch patch) {
        return "+" + patch.label();
    }

    private static String without(String suffix, String name) {
        return name.substring(0, name.length() - suffix.length());
    }

    /**
     * Returns the names of the methods of a sweep that is told none.
     *
     * @return every search without a refit, and the patches of the gaps that they were published with
     */
    public static ImmutableList<String> all() {
        ImmutableList.Builder<String> names = ImmutableList.builder();
        names.addAll(Searches.all().keySet());
        names.add(PATCHED + FOLDED);
        Arrays.stream(Patch.values()).forEach(patch -> names.add(PATCHED + suffix(patch)));
        return names.build();
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

    /** What its results are called after a training. */
    String healedName() {
        return name + "+heal";
    }

    /**
     * Returns this method with a refit.
     *
     * @return the method
     */
    public SweepMethod withRefit() {
        return refit ? this : new SweepMethod(name + SUFFIX, search, true, Optional.empty(), false);
    }
}
