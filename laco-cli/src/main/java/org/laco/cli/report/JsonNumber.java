package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A number in a report that there may not be. */
final class JsonNumber {
    private JsonNumber() {}

    /** Puts a number in; null where there is none, as JSON knows no NaN. */
    static void put(ObjectNode node, String name, double value) {
        node.put(name, Double.isNaN(value) ? null : (Double) value);
    }
}
