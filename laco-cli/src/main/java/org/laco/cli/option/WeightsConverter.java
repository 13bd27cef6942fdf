package org.laco.cli.option;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.laco.train.TrainedWeights;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads which layers are trained. */
final class WeightsConverter implements ITypeConverter<TrainedWeights> {
    private static final Pattern LAST = Pattern.compile("last-([1-9]\\d{0,5})");

    @Override
    public TrainedWeights convert(String name) {
        Matcher last = LAST.matcher(name);
        if (last.matches()) {
            return TrainedWeights.ofLastLayers(Integer.parseInt(last.group(1)));
        }
        return switch (name) {
            case "merged" -> TrainedWeights.ofMergedLayers();
            case "all" -> TrainedWeights.ofAllLayers();
            case "everything" -> TrainedWeights.ofEverything();
            default ->
                throw new TypeConversionException(
                        "'" + name + "' names no layers, expected merged, all, everything, or such as last-2");
        };
    }
}
