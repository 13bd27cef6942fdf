package org.laco.cli.option;

import java.util.Iterator;
import org.laco.search.Searches;

/** The names of all searches, for help. */
public final class SearchNames implements Iterable<String> {
    /** For picocli. */
    public SearchNames() {}

    @Override
    public Iterator<String> iterator() {
        return Searches.all().keySet().iterator();
    }
}
