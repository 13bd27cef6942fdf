package org.laco.cli.report;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.TreeMap;
import org.laco.model.CausalModel;

/**
 * How a checkpoint's parameters divide into the language model and what lies beside it.
 *
 * @param ofLanguageModel the language model's parameters
 * @param beside the others by what their names begin with, such as {@code vision_tower}
 */
record Towers(long ofLanguageModel, ImmutableMap<String, Long> beside) {
    static Towers of(CausalModel model) {
        Map<String, Long> beside = new TreeMap<>();
        for (String name : model.besideLanguageModel()) {
            beside.merge(part(name), model.tensors().tensor(name).length(), Long::sum);
        }
        long others = beside.values().stream().mapToLong(Long::longValue).sum();
        return new Towers(model.parameterCount() - others, ImmutableMap.copyOf(beside));
    }

    /** The module that a name begins with, one within {@code model} where all are. */
    private static String part(String name) {
        int from = name.startsWith("model.") ? "model.".length() : 0;
        int dot = name.indexOf('.', from);
        return dot < 0 ? name : name.substring(0, dot);
    }
}
