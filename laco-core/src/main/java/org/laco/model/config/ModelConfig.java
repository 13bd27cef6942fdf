package org.laco.model.config;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A model's configuration, the content of {@code config.json}, read by key.
 *
 * <pre>{@code
 * int width = config.integer("hidden_size");
 * double epsilon = config.number("rms_norm_eps", 1e-6);
 * }</pre>
 *
 * <p>Whoever asks for a key that is absent or of another type is told so by an {@link IllegalArgumentException} that names the key.
 */
public final class ModelConfig {
    private final String path;
    private final Map<String, Object> values;

    private ModelConfig(String path, Map<String, Object> values) {
        this.path = path;
        this.values = values;
    }

    /**
     * Wraps parsed JSON.
     *
     * @param values strings, numbers, booleans, lists, maps or null by key
     * @return the configuration
     */
    public static ModelConfig of(Map<String, ?> values) {
        return new ModelConfig("", Collections.unmodifiableMap(new LinkedHashMap<String, Object>(values)));
    }

    /**
     * Returns all values.
     *
     * @return an unmodifiable map in the order of the file
     */
    public Map<String, Object> values() {
        return values;
    }

    /**
     * Returns this configuration with one value changed.
     *
     * @param key the key, which is added if it is absent
     * @param value its new value
     * @return the changed configuration
     */
    public ModelConfig with(String key, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        changed.put(key, value);
        return new ModelConfig(path, Collections.unmodifiableMap(changed));
    }

    /**
     * Returns whether a key has a value.
     *
     * @param key the key
     * @return false if it is absent or null
     */
    public boolean has(String key) {
        return values.get(key) != null;
    }

    /**
     * Returns a whole number.
     *
     * @param key the key
     * @return its value
     */
    public int integer(String key) {
        return get(key, "an integer", ModelConfig::asInteger);
    }

    /**
     * Returns a whole number.
     *
     * @param key the key
     * @param absent what to return if the key has no value
     * @return its value
     */
    public int integer(String key, int absent) {
        return has(key) ? integer(key) : absent;
    }

    /**
     * Returns a number.
     *
     * @param key the key
     * @return its value
     */
    public double number(String key) {
        return get(key, "a number", value -> value instanceof Number number ? number.doubleValue() : null);
    }

    /**
     * Returns a number.
     *
     * @param key the key
     * @param absent what to return if the key has no value
     * @return its value
     */
    public double number(String key, double absent) {
        return has(key) ? number(key) : absent;
    }

    /**
     * Returns a flag.
     *
     * @param key the key
     * @param absent what to return if the key has no value
     * @return its value
     */
    public boolean flag(String key, boolean absent) {
        return has(key) ? get(key, "true or false", value -> value instanceof Boolean flag ? flag : null) : absent;
    }

    /**
     * Returns a string.
     *
     * @param key the key
     * @return its value
     */
    public String string(String key) {
        return get(key, "a string", value -> value instanceof String string ? string : null);
    }

    /**
     * Returns a string.
     *
     * @param key the key
     * @param absent what to return if the key has no value
     * @return its value
     */
    public String string(String key, String absent) {
        return has(key) ? string(key) : absent;
    }

    /**
     * Returns a list of strings.
     *
     * @param key the key
     * @return its value
     */
    public ImmutableList<String> strings(String key) {
        return list(key, "a list of strings", value -> value instanceof String string ? string : null);
    }

    /**
     * Returns a list of numbers.
     *
     * @param key the key
     * @return its value
     */
    public ImmutableList<Double> numbers(String key) {
        return list(key, "a list of numbers", value -> value instanceof Number number ? number.doubleValue() : null);
    }

    /**
     * Returns a list of whole numbers.
     *
     * @param key the key
     * @return its value
     */
    public ImmutableList<Integer> integers(String key) {
        return list(key, "a list of integers", ModelConfig::asInteger);
    }

    /**
     * Returns a nested object.
     *
     * @param key the key
     * @return its value
     */
    public ModelConfig object(String key) {
        return get(key, "an object", value -> {
            if (!(value instanceof Map<?, ?> map)) {
                return null;
            }
            Map<String, Object> nested = new LinkedHashMap<>();
            map.forEach((name, content) -> nested.put(String.valueOf(name), content));
            return new ModelConfig(path + key + ".", Collections.unmodifiableMap(nested));
        });
    }

    private <T> ImmutableList<T> list(String key, String expected, Function<Object, T> convert) {
        return get(key, expected, value -> {
            if (!(value instanceof List<?> list)) {
                return null;
            }
            ImmutableList.Builder<T> converted = ImmutableList.builder();
            for (Object element : list) {
                T one = element == null ? null : convert.apply(element);
                if (one == null) {
                    return null;
                }
                converted.add(one);
            }
            return converted.build();
        });
    }

    private <T> T get(String key, String expected, Function<Object, T> convert) {
        Object value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("config.json: key " + path + key + " is missing, expected " + expected);
        }
        T converted = convert.apply(value);
        if (converted == null) {
            throw new IllegalArgumentException(
                    "config.json: key " + path + key + " is " + value + ", expected " + expected);
        }
        return converted;
    }

    private static Integer asInteger(Object value) {
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && Math.abs(number.doubleValue()) <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        return null;
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
