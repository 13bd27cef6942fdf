package org.laco.cli.option;

import java.util.Arrays;
import java.util.Iterator;
import org.laco.LayerCollapse;
import org.laco.evaluate.Screening;
import org.laco.tensor.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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
            names = "--screen",
            paramLabel = "PRECISION",
            order = 51,
            converter = PrecisionConverter.class,
            completionCandidates = PrecisionNames.class,
            description = "Look at candidates in this precision first: ${COMPLETION-CANDIDATES}. Those that would be "
                    + "accepted are scored in float32 before they are. For the searches laco and greedy. Default: float32, "
                    + "no first look.")
    private Precision screen = Precision.FLOAT32;

    @Option(
            names = "--screen-margin",
            paramLabel = "NUMBER",
            order = 52,
            description = "With --screen, refuse by the first look what misses by more than this, in the unit of what "
                    + "candidates are compared by. Default: ${DEFAULT-VALUE}.")
    private double screenMargin = Screening.DEFAULT_MARGIN;

    @Option(
            names = {"-n", "--dry-run"},
            order = 53,
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
        if (screen != Precision.FLOAT32) {
            builder.screening(new Screening(screen, screenMargin));
        }
    }

    private static final class PrecisionConverter implements ITypeConverter<Precision> {
        @Override
        public Precision convert(String name) {
            try {
                return Precision.named(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class PrecisionNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Precision.values()).map(Precision::toString).iterator();
        }
    }
}
