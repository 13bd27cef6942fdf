package org.laco.kernel;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The non-linear functions that feed-forward blocks apply element by element, all that transformers knows by name and that have no weights. */
public enum Activation {
    /** x · sigmoid(x), also called swish. */
    SILU("silu", "swish"),
    /** x · Φ(x) by the error function. */
    GELU("gelu", "gelu_python"),
    /** The approximation x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))). */
    GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python_tanh"),
    /** The approximation x · sigmoid(1.702 x). */
    GELU_QUICK("quick_gelu"),
    /** GELU between −10 and 10. */
    GELU_CLIPPED("gelu_10"),
    /** max(x, 0). */
    RELU("relu"),
    /** max(x, 0)² (So et al., arXiv 2109.08668). */
    RELU_SQUARED("relu2"),
    /** min(max(x, 0), 6). */
    RELU_6("relu6"),
    /** x above 0, x/100 below. */
    LEAKY_RELU("leaky_relu"),
    /** x · min(max(x + 3, 0), 6) / 6. */
    HARD_SWISH("hardswish"),
    /** x · tanh(ln(1 + eˣ)) (Misra, arXiv 1908.08681). */
    MISH("mish"),
    /** (1 + erf((x − 0.707107) / (0.282095 √2))) / 2 (Ma et al., arXiv 2209.10655). */
    LAPLACE("laplace"),
    /** √(ln(1 + eˣ)). */
    SQRT_SOFTPLUS("sqrtsoftplus"),
    /** 1 / (1 + e⁻ˣ). */
    SIGMOID("sigmoid"),
    /** tanh(x). */
    TANH("tanh"),
    /** x. */
    LINEAR("linear");

    private final ImmutableList<String> names;

    Activation(String... names) {
        this.names = ImmutableList.copyOf(names);
    }

    /**
     * Finds a function by the name that configurations use.
     *
     * @param name the value of {@code hidden_act} or {@code activation_function}
     * @return the function
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Activation named(String name) {
        return Arrays.stream(values())
                .filter(activation -> activation.names.contains(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown activation " + name + ", expected "
                        + Arrays.stream(values())
                                .flatMap(activation -> activation.names.stream())
                                .collect(Collectors.joining(", "))));
    }
}
