package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.laco.merge.NormPolicy;
import org.laco.merge.RuleNames;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;

/**
 * Turns plans into JSON and back, so that a plan found on one machine is applied on another.
 *
 * <pre>
 * {"originalLayers": 4, "layers": [0, 1, {"merge": [2, 3], "rule": "telescoped", "norms": "from-base"}]}
 * </pre>
 *
 * <p>Weights outside of the layers that were trained stand under {@code outside}, by their full names. A layer is the number of a source layer, {@code {"checkpoint": …, "layer": …}} for one of another checkpoint, a merge of such
 * layers, or {@code {"refit": …, "tensors": …}} for one with fitted weights. Of those only the hashes are kept: a plan read back holds
 * no values, and to be applied its refit has to be run again.
 */
public final class PlanJson {
    private final Json json = new Json();
    private final Supplier<RuleNames> rules;

    /** Reads the names of this library's rules, and of those whose providers are on the class path. */
    public PlanJson() {
        this(Suppliers.memoize(RuleNames::known));
    }

    /**
     * Reads the names of rules of one's own.
     *
     * <pre>{@code
     * CollapsePlan plan = new PlanJson(RuleNames.known().with(new KeepLouder())).read(Path.of("plan.json"));
     * }</pre>
     *
     * @param rules what finds the rules that a plan names
     */
    public PlanJson(RuleNames rules) {
        this(Suppliers.ofInstance(rules));
    }

    /** Rules are looked for when a plan is read: one can be written whatever is on the class path. */
    private PlanJson(Supplier<RuleNames> rules) {
        this.rules = rules;
    }

    /**
     * Encodes a plan.
     *
     * @param plan the plan
     * @return the JSON object
     */
    public ObjectNode encode(CollapsePlan plan) {
        ObjectNode node = json.object();
        node.put("originalLayers", plan.originalSize());
        ArrayNode layers = node.putArray("layers");
        plan.layers().forEach(layer -> layers.add(encode(layer)));
        if (!plan.outside().isEmpty()) {
            encode(plan.outside(), node.putObject("outside"));
        }
        return node;
    }

    private JsonNode encode(PlannedLayer layer) {
        if (layer instanceof SourceLayer source) {
            if (source.checkpoint().equals(SourceLayer.SELF)) {
                return json.toNode(source.index());
            }
            return json.object().put("checkpoint", source.checkpoint()).put("layer", source.index());
        }
        if (layer instanceof FittedLayer refit) {
            ObjectNode node = json.object();
            node.set("refit", encode(refit.layer()));
            encode(refit.tensors(), node.putObject("tensors"));
            return node;
        }
        MergedLayer merged = (MergedLayer) layer;
        ObjectNode node = json.object();
        ArrayNode parts = node.putArray("merge");
        merged.parts().forEach(part -> parts.add(encode(part)));
        return node.put("rule", merged.rule().name())
                .put("norms", merged.norms().label());
    }

    private static void encode(ImmutableMap<String, FittedTensor> tensors, ObjectNode node) {
        tensors.forEach((name, tensor) -> {
            ObjectNode encoded = node.putObject(name);
            ProvenanceJson.encode(tensor.provenance(), encoded);
            encoded.put("sha256", tensor.sha256());
        });
    }

    /**
     * Reads a plan from a file that holds it, or a record of a collapse that does.
     *
     * @param file a file that {@link #encode} made, or a {@code laco.json}
     * @return the plan
     * @throws IOException if the file can't be read or isn't a plan; the message says where
     */
    public CollapsePlan read(Path file) throws IOException {
        ObjectNode node = json.readObject(file);
        try {
            return decode(node.has("plan") ? node.get("plan") : node);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Decodes a plan.
     *
     * @param node the JSON object
     * @return the plan
     * @throws IllegalArgumentException if it isn't a plan; the message says where
     */
    public CollapsePlan decode(JsonNode node) {
        if (!PlanValues.isInteger(node.path("originalLayers"))
                || !node.path("layers").isArray()) {
            throw new IllegalArgumentException("a plan needs a whole number originalLayers and a list layers");
        }
        PlanValues.requireKeys(node, "the plan", "originalLayers", "layers", "outside");
        List<PlannedLayer> layers = new ArrayList<>();
        for (JsonNode layer : node.get("layers")) {
            layers.add(layer(layer, "layers[" + layers.size() + "]"));
        }
        CollapsePlan plan = CollapsePlan.of(node.get("originalLayers").intValue(), layers);
        if (!node.has("outside")) {
            return plan;
        }
        if (!node.get("outside").isObject()) {
            throw new IllegalArgumentException("outside is " + PlanValues.shown(node.get("outside"))
                    + ", expected an object of weights outside of the layers");
        }
        return plan.withOutside(tensors(node.get("outside"), "outside"));
    }

    private static ImmutableMap<String, FittedTensor> tensors(JsonNode node, String path) {
        ImmutableMap.Builder<String, FittedTensor> tensors = ImmutableMap.builder();
        node.properties()
                .forEach(tensor ->
                        tensors.put(tensor.getKey(), tensor(tensor.getValue(), path + "." + tensor.getKey())));
        return tensors.buildOrThrow();
    }

    private PlannedLayer layer(JsonNode node, String path) {
        if (PlanValues.isInteger(node)) {
            return SourceLayer.of(node.intValue());
        }
        if (node.path("checkpoint").isTextual() && PlanValues.isInteger(node.path("layer"))) {
            PlanValues.requireKeys(node, path, "checkpoint", "layer");
            return new SourceLayer(
                    node.get("checkpoint").textValue(), node.get("layer").intValue());
        }
        if (node.path("merge").isArray()) {
            PlanValues.requireKeys(node, path, "merge", "rule", "norms");
            List<PlannedLayer> parts = new ArrayList<>();
            for (JsonNode part : node.get("merge")) {
                parts.add(layer(part, path + ".merge[" + parts.size() + "]"));
            }
            return new MergedLayer(
                    named(rules.get()::named, PlanValues.text(node, "rule", "telescoped", path), path + ".rule"),
                    named(NormPolicy::named, PlanValues.text(node, "norms", "from-base", path), path + ".norms"),
                    ImmutableList.copyOf(parts));
        }
        if (node.has("refit") && node.path("tensors").isObject()) {
            PlanValues.requireKeys(node, path, "refit", "tensors");
            return new FittedLayer(
                    layer(node.get("refit"), path + ".refit"), tensors(node.get("tensors"), path + ".tensors"));
        }
        throw new IllegalArgumentException(
                path + " is " + PlanValues.shown(node)
                        + ", expected a layer number, or an object with merge, with refit and tensors, or with checkpoint and layer");
    }

    private static <T> T named(Function<String, T> find, String name, String path) {
        try {
            return find.apply(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
    }

    private static FittedTensor tensor(JsonNode node, String path) {
        if (!node.path("sha256").isTextual()) {
            throw ProvenanceJson.unreadable(node, path);
        }
        return new FittedTensor(
                ProvenanceJson.decode(node, path), node.get("sha256").textValue(), Optional.empty());
    }
}
