package org.laco.cli;

import com.google.common.collect.ImmutableList;
import java.util.Collection;

/** Names that are spelt much like another, which is none of them. */
final class NearNames {
    private static final int MOST = 3;

    private NearNames() {}

    /**
     * Finds what may be meant: the names that begin like the misspelt one, else those that are the fewest changes away, at most a third
     * of its letters. A change adds a letter, leaves one out, takes another, or exchanges two neighbours.
     */
    static ImmutableList<String> of(String misspelt, Collection<String> names) {
        String word = bare(misspelt);
        ImmutableList<String> longer = names.stream()
                .filter(name -> bare(name).startsWith(word + "-"))
                .limit(MOST)
                .collect(ImmutableList.toImmutableList());
        if (!longer.isEmpty()) {
            return longer;
        }
        int nearest =
                names.stream().mapToInt(name -> changes(word, bare(name))).min().orElse(Integer.MAX_VALUE);
        return nearest > Math.max(1, word.length() / 3)
                ? ImmutableList.of()
                : names.stream()
                        .filter(name -> changes(word, bare(name)) == nearest)
                        .limit(MOST)
                        .collect(ImmutableList.toImmutableList());
    }

    private static String bare(String name) {
        return name.replaceFirst("^-+", "");
    }

    private static int changes(String from, String to) {
        int[][] changes = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                changes[i][j] = i == 0 || j == 0 ? i + j : fewest(changes, from, to, i, j);
            }
        }
        return changes[from.length()][to.length()];
    }

    private static int fewest(int[][] changes, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int fewest =
                Math.min(changes[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(changes[i - 1][j], changes[i][j - 1]));
        boolean exchanged =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return exchanged ? Math.min(fewest, 1 + changes[i - 2][j - 2]) : fewest;
    }
}
