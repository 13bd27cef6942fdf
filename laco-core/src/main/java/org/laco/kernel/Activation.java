package org.laco.kernel;

/** The non-linear functions that feed-forward blocks apply element by element. */
public enum Activation {
    /** x · sigmoid(x), also called swish. */
    SILU,
    /** x · Φ(x) by the error function. */
    GELU,
    /** The approximation x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))). */
    GELU_TANH,
    /** max(x, 0). */
    RELU;

    /**
     * Finds a function by the name that configurations use.
     *
     * @param name the value of {@code hidden_act} or {@code activation_function}
     * @return the function
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Activation named(String name) {
        return switch (name) {
            case "silu", "swish" -> SILU;
            case "gelu" -> GELU;
            case "gelu_new", "gelu_fast", "gelu_pytorch_tanh" -> GELU_TANH;
            case "relu" -> RELU;
            default ->
                throw new IllegalArgumentException(
                        "unknown activation " + name + ", expected silu, gelu, gelu_new, gelu_pytorch_tanh or relu");
        };
    }
}
