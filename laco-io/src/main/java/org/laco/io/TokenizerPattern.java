package org.laco.io;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a regular expression of a tokenizer can take to match, told from its form.
 *
 * <p>The matcher backtracks, and ends the process after ten million steps within one match. A pattern in which at most one unlimited
 * repetition can be taken back needs as many steps as the stretch of text has characters that it can match, times the ways in which the
 * rest of it can match; the patterns of published tokenizers are of this form. Two such repetitions one after the other need the square
 * of it, and one within another more than any machine can do.
 *
 * @param regex the expression
 * @param objection why it isn't used, as the rest of a sentence on it; empty if it is
 * @param ways in how many ways it can match at one place, but for what is unlimited
 * @param spans whether one of its unlimited repetitions can match white space and other characters alike
 */
record TokenizerPattern(String regex, Optional<String> objection, long ways, boolean spans) {
    /** The steps of the matcher within one match, less a reserve. */
    private static final long STEPS = 9_000_000;

    private static final int LONGEST = 4_000;
    private static final long MOST_REPEATED = 1_000;
    private static final long MOST_WAYS = 4_096;
    private static final long LARGEST = 20_000;
    private static final String SPACES = " \t\n\r\u00a0\u2028\u3000";
    private static final String OTHERS = "aZ09._-'(\u00e9\u0416\u05d0\u0e01\u0301\u4e2d\u3042\uac00\u20ac\u2014";

    static TokenizerPattern of(String regex) {
        if (regex.length() > LONGEST) {
            return refused(regex, "has " + regex.length() + " characters, more than " + LONGEST + ",");
        }
        Reader reader = new Reader(regex);
        try {
            Repetitions whole = reader.alternatives();
            if (!reader.atEnd()) {
                return refused(regex, "can't be understood at character " + reader.at);
            }
            return new TokenizerPattern(regex, Optional.empty(), whole.ways, reader.spans);
        } catch (Unreadable e) {
            return refused(regex, e.getMessage());
        }
    }

    private static TokenizerPattern refused(String regex, String objection) {
        return new TokenizerPattern(regex, Optional.of(objection), 1, true);
    }

    /**
     * Returns why the pattern can't be matched with a text.
     *
     * @param length the text's length
     * @param run the longest stretch of white space, or without any, in it
     */
    Optional<String> objection(int length, int run) {
        int matched = spans ? length : run;
        long most = STEPS / ways;
        return matched <= most
                ? Optional.empty()
                : Optional.of("a text has " + matched + " characters " + (spans ? "" : "without a break ")
                        + "and the tokenizer's pattern can be matched with " + most + " at most: divide it");
    }

    /** Says why a pattern isn't used. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What is repeated in a part of a pattern.
     *
     * @param undone the unlimited repetitions that may have to be taken back, since something after them can fail
     * @param last whether the part ends with one that nothing follows yet
     * @param optional whether the part can match nothing, so that it can't fail
     * @param ways in how many ways it can match, but for what is unlimited
     * @param size how many characters it stands for, written out
     */
    private record Repetitions(int undone, boolean last, boolean optional, long ways, long size) {
        static final Repetitions CHARACTER = new Repetitions(0, false, false, 1, 1);
        static final Repetitions PLACE = new Repetitions(0, false, true, 1, 1);

        int all() {
            return undone + (last ? 1 : 0);
        }

        Repetitions checked() {
            if (ways > MOST_WAYS) {
                throw new Unreadable("can match in more than " + MOST_WAYS + " ways at one place");
            }
            if (size > LARGEST) {
                throw new Unreadable("stands for more than " + LARGEST + " characters");
            }
            return this;
        }
    }

    /** Reads a pattern from left to right. */
    private static final class Reader {
        private final String regex;
        private int at;
        private int depth;
        private boolean spans;

        Reader(String regex) {
            this.regex = regex;
        }

        boolean atEnd() {
            return at == regex.length();
        }

        private char next() {
            if (atEnd()) {
                throw new Unreadable("ends too early");
            }
            return regex.charAt(at++);
        }

        private boolean takes(String text) {
            if (!regex.startsWith(text, at)) {
                return false;
            }
            at += text.length();
            return true;
        }

        /** Returns the worst of the alternatives. */
        Repetitions alternatives() {
            if (++depth > 32) {
                throw new Unreadable("is nested too deeply");
            }
            Repetitions worst = sequence();
            while (takes("|")) {
                Repetitions other = sequence();
                worst = new Repetitions(
                                Math.max(worst.undone, other.undone),
                                worst.last || other.last,
                                worst.optional || other.optional,
                                worst.ways + other.ways,
                                worst.size + other.size)
                        .checked();
            }
            depth--;
            return worst;
        }

        private Repetitions sequence() {
            Repetitions all = new Repetitions(0, false, true, 1, 0);
            while (!atEnd() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
                int start = at;
                Repetitions part = repeated(atom(), start);
                // What was taken is given back if this part needs it, or fails.
                boolean givenBack = all.last && !(part.optional && part.all() == 0);
                int undone = all.undone + part.undone + (givenBack ? 1 : 0);
                if (undone > 1) {
                    throw new Unreadable("may take the square of a text's length in time");
                }
                all = new Repetitions(
                                undone,
                                all.last && !givenBack || part.last,
                                all.optional && part.optional,
                                all.ways * part.ways,
                                all.size + part.size)
                        .checked();
            }
            return all;
        }

        private Repetitions atom() {
            char c = next();
            return switch (c) {
                case '(' -> group();
                case '[' -> {
                    characters();
                    yield Repetitions.CHARACTER;
                }
                case '\\' -> escape();
                case '*', '+', '?' -> throw new Unreadable("repeats nothing at character " + (at - 1));
                case '^', '$' -> Repetitions.PLACE;
                default -> Repetitions.CHARACTER;
            };
        }

        private Repetitions group() {
            boolean looking = false;
            if (takes("?")) {
                if (takes("=") || takes("!") || takes("<=") || takes("<!")) {
                    looking = true;
                } else if (!takes(":") && !takes(">")) {
                    while (Character.isLetter(regex.charAt(Math.min(at, regex.length() - 1))) || takes("-")) {
                        next();
                    }
                    if (takes(")")) {
                        return Repetitions.PLACE;
                    }
                    if (!takes(":")) {
                        throw new Unreadable("has a group of a kind that can't be understood at character " + at);
                    }
                }
            }
            Repetitions inner = alternatives();
            if (next() != ')') {
                throw new Unreadable("has a group without an end");
            }
            // What is looked at is decided once, but can fail: what is before it then takes less.
            return looking ? new Repetitions(inner.all(), false, false, inner.ways, inner.size) : inner;
        }

        private Repetitions escape() {
            char c = next();
            if (c >= '1' && c <= '9' || c == 'k' || c == 'g') {
                throw new Unreadable("refers to what it has matched before");
            }
            if (c == 'p' || c == 'P') {
                if (takes("{")) {
                    while (next() != '}') {
                        continue;
                    }
                } else {
                    next();
                }
            } else if ((c == 'x' || c == 'u') && takes("{")) {
                while (next() != '}') {
                    continue;
                }
            }
            return "bBAzZG".indexOf(c) >= 0 ? Repetitions.PLACE : Repetitions.CHARACTER;
        }

        /** Reads a class of characters after its bracket. */
        private void characters() {
            takes("^");
            takes("]");
            for (char c = next(); c != ']'; c = next()) {
                if (c == '\\') {
                    next();
                } else if (c == '[') {
                    characters();
                }
            }
        }

        private Repetitions repeated(Repetitions atom, int start) {
            int end = at;
            Repetitions result = atom;
            while (!atEnd()) {
                long least;
                long most;
                if (takes("*")) {
                    least = 0;
                    most = Long.MAX_VALUE;
                } else if (takes("+")) {
                    least = 1;
                    most = Long.MAX_VALUE;
                } else if (takes("?")) {
                    least = 0;
                    most = 1;
                } else if (regex.substring(at).matches("(?s)\\{\\d{0,9}(,\\d{0,9})?\\}.*")) {
                    String[] bounds =
                            regex.substring(at + 1, regex.indexOf('}', at)).split(",", -1);
                    at = regex.indexOf('}', at) + 1;
                    least = bounds[0].isEmpty() ? 0 : Long.parseLong(bounds[0]);
                    most = bounds.length == 1
                            ? least
                            : bounds[1].isEmpty() ? Long.MAX_VALUE : Long.parseLong(bounds[1]);
                } else {
                    break;
                }
                // Lazy and possessive repetitions take no more steps than greedy ones.
                if (!takes("?")) {
                    takes("+");
                }
                result = repeated(result, least, most);
                spans |= most == Long.MAX_VALUE && isSpanning(regex.substring(start, end));
            }
            return result;
        }

        private static Repetitions repeated(Repetitions atom, long least, long most) {
            boolean unlimited = most == Long.MAX_VALUE;
            if (most > 1 && (atom.all() > 0 || atom.ways > 1)) {
                throw new Unreadable("has a choice within a repetition, so that it may backtrack without end");
            }
            if (least > MOST_REPEATED || !unlimited && most > MOST_REPEATED) {
                throw new Unreadable("repeats more than " + MOST_REPEATED + " times");
            }
            return new Repetitions(
                            atom.undone,
                            atom.last || unlimited,
                            atom.optional || least == 0,
                            unlimited ? 1 : atom.ways + most - least,
                            atom.size * Math.max(1, unlimited ? least : most))
                    .checked();
        }

        /** Tries the characters that tell; a part that isn't one character long, or that Java doesn't know, may match anything. */
        private static boolean isSpanning(String atom) {
            try {
                Pattern pattern = Pattern.compile("(?:" + atom + ")", Pattern.UNICODE_CHARACTER_CLASS);
                boolean spaces = SPACES.chars()
                        .anyMatch(c -> pattern.matcher(Character.toString(c)).matches());
                boolean others = OTHERS.chars()
                        .anyMatch(c -> pattern.matcher(Character.toString(c)).matches());
                return spaces == others;
            } catch (PatternSyntaxException e) {
                return true;
            }
        }
    }
}
