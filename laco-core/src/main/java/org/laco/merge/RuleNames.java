package org.laco.merge;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.laco.base.Services;

/**
 * Finds merge rules by their names: rules that were given, this library's, and those whose providers are registered as services.
 *
 * <pre>{@code
 * RuleNames.known().with(new KeepLouder()).named("norm-preserving:keep-louder");
 * }</pre>
 */
public final class RuleNames {
    private final ImmutableList<MergeRule> given;
    private final ImmutableList<MergeRuleProvider> providers;

    private RuleNames(ImmutableList<MergeRule> given, ImmutableList<MergeRuleProvider> providers) {
        this.given = given;
        this.providers = providers;
    }

    /**
     * Takes this library's rules and those on the class path.
     *
     * @return the names
     * @throws IllegalArgumentException if a registered provider can't be loaded; the message names it
     */
    public static RuleNames known() {
        return new RuleNames(
                ImmutableList.of(),
                Stream.concat(StandardRules.PROVIDERS.stream(), Services.of(MergeRuleProvider.class).stream())
                        .collect(ImmutableList.toImmutableList()));
    }

    /**
     * Adds rules, which needn't be registered anywhere.
     *
     * @param rules the rules, each found by its whole name; they come before all others
     * @return names that know these rules too
     */
    public RuleNames with(MergeRule... rules) {
        return new RuleNames(
                Stream.concat(Arrays.stream(rules), given.stream()).collect(ImmutableList.toImmutableList()),
                providers);
    }

    /**
     * Returns how the names of all rules are written.
     *
     * @return such as {@code telescoped} and {@code damped-rdsc:λ}
     */
    public ImmutableList<String> forms() {
        return Stream.concat(
                        given.stream().map(MergeRule::name), providers.stream().map(MergeRuleProvider::form))
                .distinct()
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Finds a rule by the name that {@link MergeRule#name} gives.
     *
     * @param name such as {@code telescoped} or {@code norm-preserving:rdsc}
     * @return the rule
     * @throws IllegalArgumentException if there is none of that name, with those that are known, or if two providers have it
     */
    public MergeRule named(String name) {
        Optional<MergeRule> own =
                given.stream().filter(rule -> rule.name().equals(name)).findFirst();
        return own.orElseGet(() -> provided(name));
    }

    private MergeRule provided(String name) {
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        List<MergeRuleProvider> found = providers.stream()
                .filter(provider -> provider.name().equals(kind))
                .filter(provider -> provider.form().contains(":") == colon >= 0)
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown merge rule " + name + ", expected one of " + String.join(", ", forms()));
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("merge rule " + kind + " has several providers, "
                    + found.get(found.size() - 1).getClass().getName()
                    + " among them: give its rule another name, or take it off the class path");
        }
        return found.get(0).rule(colon < 0 ? "" : name.substring(colon + 1), this);
    }
}
