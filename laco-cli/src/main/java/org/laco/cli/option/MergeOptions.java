package org.laco.cli.option;

import java.util.Arrays;
import java.util.Iterator;
import org.laco.LayerCollapse;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.merge.RuleNames;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How layers are made into one. */
public final class MergeOptions {
    @Option(
            names = "--rule",
            order = 20,
            converter = RuleConverter.class,
            completionCandidates = RuleForms.class,
            description = "How linear weights are merged, one of ${COMPLETION-CANDIDATES}. telescoped is what the "
                    + "authors' code computes, rdsc the paper's Eq. 1, and best takes the most similar one at each merge. "
                    + "Default: that of the search, for the paper's telescoped.")
    private MergeRule rule;

    @Option(
            names = "--norms",
            order = 21,
            converter = NormsConverter.class,
            completionCandidates = NormsNames.class,
            description = "Where norms and biases come from, one of ${COMPLETION-CANDIDATES}: from the lowest merged "
                    + "layer, from the highest, or merged by the rule. Default: from-base.")
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
            try {
                return NormPolicy.named(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class RuleForms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return RuleNames.known().forms().iterator();
        }
    }

    private static final class NormsNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(NormPolicy.values()).map(NormPolicy::label).iterator();
        }
    }
}
