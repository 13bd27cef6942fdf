package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Ordering;

/** The families that are known. */
public final class Families {
    private Families() {}

    /**
     * Returns all families.
     *
     * @return the families
     */
    public static ImmutableList<Family> all() {
        return ImmutableList.of(new Llama());
    }

    /**
     * Finds the family of a model type.
     *
     * @param modelType the value of the configuration's {@code model_type}
     * @return the family
     * @throws IllegalArgumentException if no family answers for it; the message lists the types that are known
     */
    public static Family of(String modelType) {
        return all().stream()
                .filter(family -> family.modelTypes().contains(modelType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("config.json: model_type " + modelType
                        + " is not supported, expected one of " + String.join(", ", modelTypes())));
    }

    private static ImmutableSortedSet<String> modelTypes() {
        return all().stream()
                .flatMap(family -> family.modelTypes().stream())
                .collect(ImmutableSortedSet.toImmutableSortedSet(Ordering.natural()));
    }
}
