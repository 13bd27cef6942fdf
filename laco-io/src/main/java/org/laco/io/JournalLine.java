package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A line of a journal.
 *
 * @param number its number, from 1
 * @param content what it says
 */
record JournalLine(int number, JsonNode content) {
    /** Numbers lines from one on. */
    static ImmutableList<JournalLine> of(List<JsonNode> lines, int first) {
        ImmutableList.Builder<JournalLine> numbered = ImmutableList.builder();
        for (int i = 0; i < lines.size(); i++) {
            numbered.add(new JournalLine(first + i, lines.get(i)));
        }
        return numbered.build();
    }
}
