package org.laco.merge;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.function.BiFunction;

/** The providers of this library's rules, a line each. They stand in code, so that they are there however the class path is packed. */
final class StandardRules {
    static final ImmutableList<MergeRuleProvider> PROVIDERS = ImmutableList.of(
            plain(MergeRules.telescoped()),
            plain(MergeRules.rdsc()),
            plain(MergeRules.mean()),
            plain(MergeRules.keepFirst()),
            of("damped-rdsc", "λ", (lambda, rules) -> MergeRules.dampedRdsc(number(lambda))),
            of("norm-preserving", "RULE", (rule, rules) -> MergeRules.normPreserving(rules.named(rule))),
            of("best", "RULE,RULE", StandardRules::best));

    private StandardRules() {}

    private static MergeRuleProvider plain(MergeRule rule) {
        return new Standard(rule.name(), rule.name(), (argument, rules) -> rule);
    }

    private static MergeRuleProvider of(String name, String argument, BiFunction<String, RuleNames, MergeRule> rule) {
        return new Standard(name, name + ":" + argument, rule);
    }

    private static MergeRule best(String names, RuleNames rules) {
        return MergeRules.best(
                Splitter.on(',').splitToStream(names).map(rules::named).toArray(MergeRule[]::new));
    }

    private static double number(String lambda) {
        try {
            return Double.parseDouble(lambda);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("damped-rdsc: λ must be a number, not " + lambda, e);
        }
    }

    private record Standard(String name, String form, BiFunction<String, RuleNames, MergeRule> maker)
            implements MergeRuleProvider {
        @Override
        public MergeRule rule(String argument, RuleNames rules) {
            return maker.apply(argument, rules);
        }
    }
}
