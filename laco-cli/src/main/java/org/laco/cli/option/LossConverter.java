package org.laco.cli.option;

import org.laco.train.TrainingLoss;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a loss. */
final class LossConverter implements ITypeConverter<TrainingLoss> {
    private static final String MIXED = "mixed-";

    @Override
    public TrainingLoss convert(String name) {
        if (name.equals("kl")) {
            return TrainingLoss.divergence();
        }
        if (name.equals("next-token")) {
            return TrainingLoss.nextToken();
        }
        if (name.startsWith(MIXED)) {
            try {
                return TrainingLoss.divergence().mixed(Double.parseDouble(name.substring(MIXED.length())));
            } catch (NumberFormatException e) {
                // Told below.
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
        throw new TypeConversionException("'" + name + "' is no loss, expected kl, next-token, or such as mixed-0.9");
    }
}
