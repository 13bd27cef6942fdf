package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashMap;
import java.util.Map;

/** The parts of a series that its journal knows by their names, which have to be equal where these are. */
final class NamedAlike {
    private final Map<String, Object> parts = new HashMap<>();

    /** Refuses a part that has the name of another one of its kind. */
    void require(String kind, String name, Object part) {
        Object other = parts.putIfAbsent(kind + ' ' + name, part);
        checkArgument(
                other == null || other.equals(part),
                "two searches of the series have each a %s named %s which differ, and what is known by the name would be taken for both: "
                        + "give them names of their own, or series of their own",
                kind,
                name);
    }
}
