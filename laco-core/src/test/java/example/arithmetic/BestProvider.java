package example.arithmetic;

/** Arithmetic that is named {@code mine}, of rank 100. */
public final class BestProvider extends NamedProvider {
    /** Makes the provider. */
    public BestProvider() {
        super("mine", 100, true);
    }
}
