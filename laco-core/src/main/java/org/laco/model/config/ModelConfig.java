package org.laco.model.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

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
    /** As much of a value as an error message shows. */
    private static final int SHOWN = 80;

    /** How transformers writes what JSON has no number for. */
    private static final ImmutableMap<String, Double> NOT_FINITE = ImmutableMap.of(
            "Infinity", Double.POSITIVE_INFINITY, "-Infinity", Double.NEGATIVE_INFINITY, "NaN", Double.NaN);

    private final String path;
    private final Map<String, Object> values;
    private final ImmutableMap<String, Object> defaults;

    private ModelConfig(String path, Map<String, Object> values, ImmutableMap<String, Object> defaults) {
        this.path = path;
        this.values = values;
        this.defaults = defaults;
    }

    /**
     * Wraps parsed JSON.
     *
     * @param values strings, numbers, booleans, lists, maps or null by key
     * @return the configuration
     */
    public static ModelConfig of(Map<String, ?> values) {
        return new ModelConfig(
                "", Collections.unmodifiableMap(new LinkedHashMap<String, Object>(values)), ImmutableMap.of());
    }

    /**
     * Returns this configuration with what its readers get for keys that it hasn't. A key that is null has no value, but no default
     * either.
     *
     * @param byKey the values by key
     * @return the configuration, whose {@link #values} are the same
     */
    public ModelConfig withDefaults(Map<String, ?> byKey) {
        return new ModelConfig(path, values, ImmutableMap.copyOf(byKey));
    }

    /**
     * Returns all values that are stated, without defaults.
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
        return withAll(Collections.singletonMap(key, value));
    }

    /**
     * Returns this configuration with several values changed.
     *
     * @param byKey the new values by key; keys that are absent are added
     * @return the changed configuration
     */
    public ModelConfig withAll(Map<String, ?> byKey) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        changed.putAll(byKey);
        return new ModelConfig(path, Collections.unmodifiableMap(changed), defaults);
    }

    /**
     * Returns this configuration without a key.
     *
     * @param key the key, which may be absent
     * @return the configuration, in which the key has at most its default
     */
    public ModelConfig without(String key) {
        Map<String, Object> left = new LinkedHashMap<>(values);
        left.remove(key);
        return new ModelConfig(path, Collections.unmodifiableMap(left), defaults);
    }

    /**
     * Returns whether a key has a value, be it a default.
     *
     * @param key the key
     * @return false if it is null, or absent and without a default
     */
    public boolean has(String key) {
        return value(key) != null;
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
     * Returns a whole number of a range.
     *
     * @param key the key
     * @param range the numbers that make sense
     * @return its value
     */
    public int integer(String key, Range range) {
        return get(key, "an integer " + range, value -> {
            Integer number = asInteger(value);
            return number != null && range.contains(number) ? number : null;
        });
    }

    /**
     * Returns a whole number of a range.
     *
     * @param key the key
     * @param range the numbers that make sense
     * @param absent what to return if the key has no value
     * @return its value
     */
    public int integer(String key, Range range, int absent) {
        return has(key) ? integer(key, range) : absent;
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
     * Returns a finite number.
     *
     * @param key the key
     * @return its value
     */
    public double number(String key) {
        return get(key, "a finite number", value -> asNumber(value, Range.atLeast(-Double.MAX_VALUE)));
    }

    /**
     * Returns a number of a range.
     *
     * @param key the key
     * @param range the numbers that make sense
     * @return its value
     */
    public double number(String key, Range range) {
        return get(key, "a number " + range, value -> asNumber(value, range));
    }

    /**
     * Returns a number of a range.
     *
     * @param key the key
     * @param range the numbers that make sense
     * @param absent what to return if the key has no value
     * @return its value
     */
    public double number(String key, Range range, double absent) {
        return has(key) ? number(key, range) : absent;
    }

    /**
     * Returns a finite number.
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
     * Returns a list of numbers, which may be infinite or no numbers: transformers writes such a one as {@code {"__float__": "Infinity"}}.
     *
     * @param key the key
     * @return its value
     */
    public ImmutableList<Double> numbers(String key) {
        return list(key, "a list of numbers", value -> {
            if (value instanceof Map<?, ?> map && map.get("__float__") instanceof String name) {
                return NOT_FINITE.get(name);
            }
            return value instanceof Number number ? number.doubleValue() : null;
        });
    }

    /**
     * Returns a list of numbers of a range.
     *
     * @param key the key
     * @param range the numbers that make sense
     * @return its value
     */
    public ImmutableList<Double> numbers(String key, Range range) {
        return list(key, "a list of numbers " + range, value -> asNumber(value, range));
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
            return new ModelConfig(path + key + ".", Collections.unmodifiableMap(nested), ImmutableMap.of());
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
        Object value = value(key);
        if (value == null) {
            String state = values.containsKey(key) ? "null" : "missing";
            throw new IllegalArgumentException(
                    "config.json: key " + path + key + " is " + state + ", expected " + expected);
        }
        T converted = convert.apply(value);
        if (converted == null) {
            throw new IllegalArgumentException(
                    "config.json: key " + path + key + " is " + shown(value) + ", expected " + expected);
        }
        return converted;
    }

    private Object value(String key) {
        return values.containsKey(key) ? values.get(key) : defaults.get(key);
    }

    private static Double asNumber(Object value, Range range) {
        return value instanceof Number number && range.contains(number.doubleValue()) ? number.doubleValue() : null;
    }

    private static Integer asInteger(Object value) {
        if (!(value instanceof Number number)) {
            return null;
        }
        // By way of a double, since a BigDecimal of a huge scale would be written out digit by digit.
        double exact = number.doubleValue();
        return exact == Math.rint(exact) && Math.abs(exact) <= Integer.MAX_VALUE ? (int) exact : null;
    }

    /** Shows a value as JSON has it, so that "12" is told from 12, and not more of it than fits a line. */
    private static String shown(Object value) {
        String text = json(value);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    private static String json(Object value) {
        if (value instanceof String text) {
            return '"' + (text.length() <= SHOWN ? text : text.substring(0, SHOWN)) + '"';
        }
        if (value instanceof List<?> list) {
            return list.stream().limit(SHOWN).map(ModelConfig::json).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .limit(SHOWN)
                    .map(entry -> json(String.valueOf(entry.getKey())) + ": " + json(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return String.valueOf(value);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
