package example.arithmetic;

/** Arithmetic that is named {@code fpga}, of rank 1000. */
public final class AbsentProvider extends NamedProvider {
    /** Makes the provider. */
    public AbsentProvider() {
        super("fpga", 1000, false);
    }
}
