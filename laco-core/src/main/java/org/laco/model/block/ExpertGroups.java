package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * A choice that keeps to a few groups of experts (DeepSeek-AI, arXiv 2405.04434, section 2.2.2): experts are divided in order, a group
 * counts as much as its best experts together, and only those of the best groups can be chosen.
 *
 * @param count the number of groups
 * @param kept the number of groups whose experts can be chosen
 * @param best how many of a group's experts count: 1 in DeepSeek-V2, 2 in DeepSeek-V3
 */
public record ExpertGroups(int count, int kept, int best) {
    /** Checks that no more groups are kept than there are. */
    public ExpertGroups {
        checkArgument(
                kept > 0 && kept <= count && best > 0,
                "can't keep %s of %s groups by their best %s",
                kept,
                count,
                best);
    }

    /** Returns which experts can be chosen, those of equally good groups in order. */
    boolean[] open(float[] preferences) {
        int size = preferences.length / count;
        float[] scores = new float[count];
        for (int group = 0; group < count; group++) {
            scores[group] = score(Arrays.copyOfRange(preferences, group * size, (group + 1) * size));
        }
        boolean[] open = new boolean[preferences.length];
        for (int group : Largest.of(scores, kept)) {
            Arrays.fill(open, group * size, (group + 1) * size, true);
        }
        return open;
    }

    private float score(float[] preferences) {
        float sum = 0;
        for (int expert : Largest.of(preferences, Math.min(best, preferences.length))) {
            sum += preferences[expert];
        }
        return sum;
    }

    /** Checks that the groups divide a number of experts, and that those of the kept ones are enough. */
    void check(int experts, int chosen) {
        checkArgument(
                experts % count == 0 && chosen <= experts / count * kept,
                "%s of %s groups of %s experts can't give %s",
                kept,
                count,
                experts,
                chosen);
    }
}
