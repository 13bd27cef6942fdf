package org.laco.cli.option;

import org.laco.LayerCollapse;
import picocli.CommandLine.Option;

/** What a search may cost, and whether only that is asked for. */
public final class CostOptions {
    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            order = 50,
            description = "Bound the search's memory, such as 3GB, for a model that doesn't fit into it. Mapped files "
                    + "don't count. Default: no bound.")
    private ByteSize memory;

    @Option(
            names = {"-n", "--dry-run"},
            order = 51,
            description = "Tell what the search would cost: time, bytes read and memory. One layer is read, to measure "
                    + "how long that takes; nothing is searched or written.")
    private boolean dryRun;

    /**
     * Returns whether only the cost is asked for.
     *
     * @return whether nothing is to be searched
     */
    public boolean dryRun() {
        return dryRun;
    }

    /**
     * Hands over what was given.
     *
     * @param builder the settings of the search
     */
    public void applyTo(LayerCollapse.Builder builder) {
        if (memory != null) {
            builder.memory(memory.bytes());
        }
    }
}
