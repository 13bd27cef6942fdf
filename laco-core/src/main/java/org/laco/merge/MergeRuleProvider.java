package org.laco.merge;

/**
 * Makes merge rules of one kind from their names, so that a plan that names them can be read.
 *
 * <p>A rule of one's own is found once its provider is registered as a service, by a line in {@code
 * META-INF/services/org.laco.merge.MergeRuleProvider}. A rule without parameters can be its own provider:
 *
 * <pre>{@code
 * public final class KeepLouder implements MergeRule, MergeRuleProvider {
 *     public String name() {
 *         return "keep-louder";
 *     }
 *
 *     public MergeRule rule(String argument, RuleNames rules) {
 *         return this;
 *     }
 *
 *     public void merge(WeightRun weights, INDArray destination) {
 *         …
 *     }
 * }
 * }</pre>
 */
public interface MergeRuleProvider {
    /**
     * Returns the part of the rules' names that comes before the first colon.
     *
     * @return such as {@code damped-rdsc}, without colons and commas, which part names
     */
    String name();

    /**
     * Returns how a whole name is written, for help texts and messages. The default is the name alone, for a rule without parameters.
     *
     * @return such as {@code damped-rdsc:λ}
     */
    default String form() {
        return name();
    }

    /**
     * Makes the rule of a name.
     *
     * @param argument what follows the first colon, empty if there is none; never anything else if the {@link #form} has no colon
     * @param rules finds other rules by their names, for rules that are made of others
     * @return the rule
     * @throws IllegalArgumentException if the argument makes no sense; the message starts with the rule's name
     */
    MergeRule rule(String argument, RuleNames rules);
}
