package org.laco.io;

import com.google.common.base.Utf8;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;

/**
 * The table of a {@code Precompiled} normalizer, as SentencePiece compiles it: the bytes of a double-array trie of what is replaced, before
 * them their number, and after them the texts that replace it, each ended by a zero.
 *
 * <p>The library looks things up without asking whether they are within the table, and where they aren't the process ends. So
 * every place that some text could lead to is looked at.
 */
final class PrecompiledTable {
    /** Some sixteen times those of SentencePiece's own rules. */
    private static final int MAX_BYTES = 4_000_000;

    /** How many characters of a text come of one by NFKC, at most; whichever rule does that counts as making nothing longer. */
    private static final double NFKC_GROWTH = 18;

    private final int[] trie;
    private final byte[] texts;

    /** For each byte of the texts how many characters there are up to the next zero. */
    private final int[] lengths;

    private int longest;

    private PrecompiledTable(int[] trie, byte[] texts) {
        this.trie = trie;
        this.texts = texts;
        this.lengths = new int[texts.length + 1];
        for (int i = texts.length - 1; i >= 0; i--) {
            lengths[i] = texts[i] == 0 ? 0 : lengths[i + 1] + (isWithinCharacter(i) ? 0 : 1);
        }
    }

    /** What a look at a table gave: what is wrong with it, as the rest of a sentence, or how many times longer it can make a text. */
    record Finding(Optional<String> objection, double growth) {
        private static Finding wrong(String objection) {
            return new Finding(Optional.of(objection), 1);
        }
    }

    /** Looks at a table in Base64. */
    static Finding check(String base64) {
        if (base64.length() / 4 * 3L > MAX_BYTES) {
            return Finding.wrong("has more than " + MAX_BYTES + " bytes");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return Finding.wrong("is not Base64");
        }
        // Java's decoder takes texts without padding or with bits left over, the library's doesn't.
        if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
            return Finding.wrong("is not Base64");
        }
        return check(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static Finding check(ByteBuffer bytes) {
        if (bytes.remaining() < Integer.BYTES) {
            return Finding.wrong("has no size of its trie");
        }
        int size = bytes.getInt();
        if (size <= 0 || size % Integer.BYTES != 0 || size > bytes.remaining()) {
            return Finding.wrong("has a trie of " + Integer.toUnsignedString(size)
                    + " bytes, expected a multiple of 4 and at most " + bytes.remaining());
        }
        int[] trie = new int[size / Integer.BYTES];
        bytes.asIntBuffer().get(trie);
        byte[] texts = new byte[bytes.remaining() - size];
        bytes.position(bytes.position() + size).get(texts);
        return Utf8.isWellFormed(texts)
                ? new PrecompiledTable(trie, texts).walk()
                : Finding.wrong("replaces by texts that are not UTF-8");
    }

    /** Goes to every place that a text without zeros can lead to; that there are ways in a circle does no harm. */
    private Finding walk() {
        BitSet seen = new BitSet();
        Deque<Integer> places = new ArrayDeque<>();
        places.add(offset(trie[0]));
        while (!places.isEmpty()) {
            int place = places.remove();
            for (int next = 1; next < 256; next++) {
                int at = place ^ next;
                if (at >= trie.length) {
                    return Finding.wrong("has a trie that leads out of itself");
                }
                if (label(trie[at]) == next) {
                    int following = at ^ offset(trie[at]);
                    if (hasValue(trie[at]) && !isText(following)) {
                        return Finding.wrong("has a trie that leads to no text");
                    }
                    // Whatever lies so far out is found to when it is looked at.
                    if (following >= trie.length + 256) {
                        return Finding.wrong("has a trie that leads out of itself");
                    }
                    if (!seen.get(following)) {
                        seen.set(following);
                        places.add(following);
                    }
                }
            }
        }
        return new Finding(Optional.empty(), Math.max(1, longest / NFKC_GROWTH));
    }

    private boolean isText(int at) {
        if (at >= trie.length) {
            return false;
        }
        int start = trie[at] & Integer.MAX_VALUE;
        if (start > texts.length || isWithinCharacter(start)) {
            return false;
        }
        longest = Math.max(longest, lengths[start]);
        return true;
    }

    private boolean isWithinCharacter(int at) {
        return at < texts.length && (texts[at] & 0xc0) == 0x80;
    }

    /** How a unit is divided: its label in the lowest bits, of which the highest tells values apart, a flag, and how far its children are. */
    private static int label(int unit) {
        return unit & (1 << 31 | 0xff);
    }

    private static boolean hasValue(int unit) {
        return (unit >>> 8 & 1) == 1;
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
    }
}
