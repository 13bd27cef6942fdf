package org.laco.kernel;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.base.Internal;

/**
 * The shape of a gated delta rule.
 *
 * @param keyHeads the number of query and key heads
 * @param valueHeads the number of value heads, a multiple of {@code keyHeads}; value head h reads key head h / (valueHeads / keyHeads)
 * @param keySize the width of a query or key head
 * @param valueSize the width of a value head
 * @param strongest what the strengths of updates are below: 1, or 2 where a state may be turned round by an update
 */
@Internal
public record DeltaRuleSpec(int keyHeads, int valueHeads, int keySize, int valueSize, double strongest) {
    /**
     * Describes a rule of strengths below 1.
     *
     * @param keyHeads the number of query and key heads
     * @param valueHeads the number of value heads, a multiple of {@code keyHeads}
     * @param keySize the width of a query or key head
     * @param valueSize the width of a value head
     */
    public DeltaRuleSpec(int keyHeads, int valueHeads, int keySize, int valueSize) {
        this(keyHeads, valueHeads, keySize, valueSize, 1);
    }

    /** Checks that the heads fit one another. */
    public DeltaRuleSpec {
        checkArgument(
                keyHeads > 0 && valueHeads > 0 && valueHeads % keyHeads == 0,
                "%s value heads can't share %s key heads",
                valueHeads,
                keyHeads);
        checkArgument(
                keySize > 0 && valueSize > 0,
                "key and value heads of %s and %s elements are not positive",
                keySize,
                valueSize);
        checkArgument(strongest > 0, "strengths below %s are not positive", strongest);
    }

    /**
     * Returns the width of a row of queries, and of keys.
     *
     * @return that of all heads together
     */
    public int keyWidth() {
        return keyHeads * keySize;
    }

    /**
     * Returns the width of a row of values.
     *
     * @return that of all heads together
     */
    public int valueWidth() {
        return valueHeads * valueSize;
    }

    /**
     * Returns the width of a row of queries, keys and values.
     *
     * @return {@code 2 · keyWidth + valueWidth}
     */
    public int mixedWidth() {
        return 2 * keyWidth() + valueWidth();
    }

    /** The first column of a value head's queries. */
    int queryColumn(int valueHead) {
        return valueHead / (valueHeads / keyHeads) * keySize;
    }

    /** The first column of a value head's keys. */
    int keyColumn(int valueHead) {
        return keyWidth() + queryColumn(valueHead);
    }

    /** The first column of a value head's values. */
    int valueColumn(int valueHead) {
        return 2 * keyWidth() + valueHead * valueSize;
    }
}
