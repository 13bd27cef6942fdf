package example.arithmetic;

/** Arithmetic that is named {@code mine-slow}, of rank -1. */
public final class WorstProvider extends NamedProvider {
    /** Makes the provider. */
    public WorstProvider() {
        super("mine-slow", -1, true);
    }
}
