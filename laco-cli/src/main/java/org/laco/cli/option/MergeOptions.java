package org.laco.cli.option;

import java.util.Locale;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How layers are made into one. */
public final class MergeOptions {
    @Option(
            names = "--rule",
            order = 20,
            converter = RuleConverter.class,
            description = "How linear weights are merged: telescoped (what the authors' code computes), rdsc (the "
                    + "paper's Eq. 1), mean, keep-first, damped-rdsc:LAMBDA, norm-preserving:RULE, or best:RULE,RULE,... for "
                    + "the most similar one at each merge. Default: that of the search, for the paper's telescoped.")
    private MergeRule rule;

    @Option(
            names = "--norms",
            order = 21,
            converter = NormsConverter.class,
            description = "Where norms and biases come from: from-base (the lowest merged layer), from-last, or merged "
                    + "by the rule. Default: from-base.")
    private NormPolicy norms;

    /**
     * Hands over what was given.
     *
     * @param builder the settings of the search
     */
    public void applyTo(LayerCollapse.Builder builder) {
        if (rule != null) {
            builder.rule(rule);
        }
        if (norms != null) {
            builder.norms(norms);
        }
    }

    private static final class RuleConverter implements ITypeConverter<MergeRule> {
        @Override
        public MergeRule convert(String name) {
            try {
                return MergeRules.named(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class NormsConverter implements ITypeConverter<NormPolicy> {
        @Override
        public NormPolicy convert(String name) {
            for (NormPolicy policy : NormPolicy.values()) {
                if (policy.name().replace('_', '-').toLowerCase(Locale.ROOT).equals(name)) {
                    return policy;
                }
            }
            throw new TypeConversionException(
                    "'" + name + "' is no norm policy, expected from-base, from-last or merged");
        }
    }
}
