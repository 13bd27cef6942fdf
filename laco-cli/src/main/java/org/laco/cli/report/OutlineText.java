package org.laco.cli.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableMultiset;
import com.google.common.collect.Multiset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.laco.io.HfCheckpoint;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.MappedTensor;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.model.CausalModel;
import org.laco.tensor.StoredTensor;

/** Prints what the headers of a checkpoint say, without any weight being read. */
public final class OutlineText {
    private final HfCheckpoint checkpoint;
    private final CausalModel model;
    private final PrintWriter out;

    /**
     * Takes a checkpoint.
     *
     * @param checkpoint the checkpoint
     * @param out where to print
     */
    public OutlineText(HfCheckpoint checkpoint, PrintWriter out) {
        this.checkpoint = checkpoint;
        this.model = checkpoint.model();
        this.out = out;
    }

    /**
     * Prints a summary and the tensors.
     *
     * @param everyTensor whether all tensors are listed, or those of one layer of each kind
     * @throws IOException if a file's size can't be read
     */
    public void print(boolean everyTensor) throws IOException {
        printSummary();
        if (everyTensor) {
            out.println("tensors");
            checkpoint.weights().names().forEach(this::printTensor);
        } else {
            printKindsOfLayers();
            out.println("outside of the layers");
            checkpoint.weights().names().stream()
                    .filter(name -> !name.startsWith(model.decoder().layerPrefix()))
                    .forEach(this::printTensor);
        }
        out.flush();
    }

    private void printSummary() throws IOException {
        line("family", model.family().name());
        line("model type", checkpoint.config().string("model_type"));
        line("layers", Integer.toString(model.layerCount()));
        line("width", Integer.toString(model.decoder().width()));
        line("vocabulary", Quantity.count(model.decoder().vocabulary()));
        line("parameters", Quantity.count(model.parameterCount()));
        printTowers();
        line("head", head());
        checkpoint.compression().ifPresent(how -> line("compression", how + ", decoded while read"));
        for (SafetensorsFile file : checkpoint.weights().mapped().files()) {
            line(
                    "shard",
                    file.path().getFileName() + ", " + Quantity.bytes(Files.size(file.path())) + ": " + types(file));
        }
        line("tokenizer", checkpoint.hasTokenizer() ? "tokenizer.json" : "none, bring token ids");
        line("mergeable", LayerSpan.of(model).stream().map(LayerSpan::toString).collect(Collectors.joining("; ")));
        ImmutableList<ImmutableList<LayerSpan>> alike = LayerSpan.atADistance(model);
        if (!alike.isEmpty()) {
            line(
                    "alike",
                    alike.stream()
                                    .map(kind ->
                                            kind.stream().map(LayerSpan::range).collect(Collectors.joining(", ")))
                                    .collect(Collectors.joining("; "))
                            + ": with a target these merge too, and those between are left out");
        }
        out.println();
    }

    /** Says what lies beside the language model, if anything does. */
    private void printTowers() {
        Towers towers = Towers.of(model);
        if (!towers.beside().isEmpty()) {
            line("text tower", Quantity.count(towers.ofLanguageModel()) + " parameters, named " + model.prefix() + "…");
            towers.beside()
                    .forEach((part, count) ->
                            line("beside it", Quantity.count(count) + " parameters of " + part + ", copied"));
        }
    }

    private String head() {
        String weight = model.decoder().head().weight();
        if (weight.equals(model.decoder().embedding().tokens())) {
            return "tied to the embedding";
        }
        return model.vocabulary() > 0 ? weight : "none, only hidden states can be compared";
    }

    private static String types(SafetensorsFile file) {
        ImmutableMultiset<Dtype> types =
                file.tensors().stream().map(MappedTensor::dtype).collect(ImmutableMultiset.toImmutableMultiset());
        return types.entrySet().stream()
                .map((Multiset.Entry<Dtype> type) -> type.getCount() + " tensors of " + type.getElement())
                .collect(Collectors.joining(", "));
    }

    /** Prints the tensors of one layer of each kind. */
    private void printKindsOfLayers() {
        Set<ImmutableList<String>> printed = new HashSet<>();
        for (LayerSpan run : LayerSpan.of(model)) {
            ImmutableList<String> lines = model.tensors(run.first()).entrySet().stream()
                    .map(tensor -> String.format(
                            "  %-34s %-24s %s",
                            tensor.getKey(),
                            describe(tensor.getValue().tensor()),
                            tensor.getValue().role().name().toLowerCase(Locale.ROOT)))
                    .collect(ImmutableList.toImmutableList());
            if (printed.add(lines)) {
                out.println("layer " + run.first() + kind(run.properties()));
                lines.forEach(out::println);
            }
        }
    }

    private static String kind(ImmutableMap<String, String> properties) {
        return properties.isEmpty() ? "" : " " + properties;
    }

    private void printTensor(String name) {
        out.printf("  %-34s %s%n", name, describe(checkpoint.weights().tensor(name)));
    }

    private static String describe(StoredTensor tensor) {
        return tensor.storedType() + Arrays.toString(tensor.shape());
    }

    private void line(String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }
}
