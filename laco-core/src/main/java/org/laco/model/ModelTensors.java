package org.laco.model;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.laco.model.block.Block;
import org.laco.model.block.Carried;
import org.laco.model.block.Decoder;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;
import org.laco.tensor.TensorRole;
import org.laco.tensor.TensorSource;

/** The tensors of a checkpoint sorted by where they belong in a model, checked against the model's definition. */
final class ModelTensors {
    private final Decoder decoder;
    private final ImmutableList<ImmutableMap<String, LayerTensor>> layers;
    private final ImmutableMap<String, LayerTensor> norm;
    private final TensorSource tensors;
    private final Supplier<Long> tiedCopy;

    private ModelTensors(
            Decoder decoder,
            ImmutableList<ImmutableMap<String, LayerTensor>> layers,
            ImmutableMap<String, LayerTensor> norm,
            TensorSource tensors,
            boolean tied) {
        this.decoder = decoder;
        this.layers = layers;
        this.norm = norm;
        this.tensors = tensors;
        this.tiedCopy = Suppliers.memoize(() -> tied ? tiedCopy() : 0);
    }

    /**
     * Sorts and checks the tensors.
     *
     * @param tied whether the configuration says that the head is the token table
     * @param mayLackHead whether the checkpoint may have no head
     */
    static ModelTensors of(Decoder decoder, TensorSource tensors, boolean tied, boolean mayLackHead) {
        requireShape(tensors, decoder.embedding().tokens(), decoder.vocabulary(), decoder.width());
        decoder.carried().flatMap(Carried::inputs).ifPresent(inputs -> {
            requireShape(
                    tensors, inputs.table(), require(tensors, inputs.table()).shape()[0], inputs.columns());
            requireShape(tensors, inputs.map(), inputs.columns(), decoder.width());
            requireShape(tensors, inputs.norm().name() + ".weight", inputs.size());
        });
        if (!mayLackHead || tensors.contains(decoder.head().weight())) {
            requireShape(tensors, decoder.head().weight(), decoder.vocabulary(), decoder.width());
        }
        decoder.embedding()
                .positions()
                .ifPresent(table ->
                        requireShape(tensors, table, require(tensors, table).shape()[0], decoder.width()));
        List<Map<String, StoredTensor>> stored = new ArrayList<>();
        decoder.layers().forEach(layer -> stored.add(new LinkedHashMap<>()));
        for (String name : tensors.names()) {
            LayerName.parse(name, decoder.layerPrefix()).ifPresent(position -> {
                if (position.layer() >= stored.size() + decoder.drafts()) {
                    throw new IllegalArgumentException(String.format(
                            "tensor %s belongs to layer %d, but config.json says that there are %d layers",
                            name, position.layer(), stored.size()));
                }
                if (position.layer() < stored.size()) {
                    stored.get(position.layer()).put(position.within(), tensors.tensor(name));
                }
            });
        }
        ImmutableList.Builder<ImmutableMap<String, LayerTensor>> layers = ImmutableList.builder();
        for (int i = 0; i < stored.size(); i++) {
            if (stored.get(i).isEmpty()) {
                throw new IllegalArgumentException(String.format(
                        "config.json: it says that there are %d layers, but the checkpoint has no tensor of layer %d (%s%d.…)",
                        stored.size(), i, decoder.layerPrefix(), i));
            }
            layers.add(sort(decoder.layers().get(i), stored.get(i), decoder.layerPrefix() + i + "."));
        }
        return new ModelTensors(decoder, layers.build(), normTensors(decoder, tensors), tensors, tied);
    }

    private static ImmutableMap<String, LayerTensor> normTensors(Decoder decoder, TensorSource tensors) {
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        decoder.norm()
                .ifPresent(norm -> norm.declare(declared -> {
                    if (tensors.contains(declared.name())) {
                        stored.put(declared.name(), tensors.tensor(declared.name()));
                    }
                }));
        return decoder.norm().isEmpty()
                ? ImmutableMap.of()
                : sort(decoder.norm().get(), stored, "");
    }

    /** Gives each stored tensor the role that the definition declares; what it doesn't declare is a buffer. */
    private static ImmutableMap<String, LayerTensor> sort(
            Block block, Map<String, StoredTensor> stored, String prefix) {
        Map<String, TensorRole> roles = new HashMap<>();
        block.declare(declared -> {
            StoredTensor tensor = stored.get(declared.name());
            if (tensor == null) {
                throw new IllegalArgumentException("tensor " + prefix + declared.name()
                        + " is missing, expected one of shape " + declared.shape()
                        + reason(stored.keySet(), prefix));
            }
            requireShape(tensor, declared.shape());
            roles.put(declared.name(), declared.role());
        });
        ImmutableMap.Builder<String, LayerTensor> sorted = ImmutableMap.builder();
        stored.forEach((name, tensor) ->
                sorted.put(name, new LayerTensor(tensor, roles.getOrDefault(name, TensorRole.BUFFER))));
        return sorted.buildOrThrow();
    }

    private static void requireShape(TensorSource tensors, String name, long... shape) {
        requireShape(require(tensors, name), ImmutableLongArray.copyOf(shape));
    }

    private static StoredTensor require(TensorSource tensors, String name) {
        if (!tensors.contains(name)) {
            throw new IllegalArgumentException(
                    "tensor " + name + " is missing from the checkpoint" + found(tensors, name));
        }
        return tensors.tensor(name);
    }

    /** Says why a tensor may be missing: there are those of an adapter, or packed ones. */
    private static String reason(Collection<String> names, String prefix) {
        String adapter = adapter(names, prefix);
        return adapter.isEmpty() ? packed(names, prefix) : adapter;
    }

    /** Says if weights are packed as GPTQ and AWQ do it, whose older files say so in no configuration that transformers reads. */
    private static String packed(Collection<String> names, String prefix) {
        return names.stream()
                .filter(stored -> stored.endsWith(".qweight") || stored.endsWith(".qzeros"))
                .findFirst()
                .map(stored -> ", which has " + prefix + stored
                        + ": its weights are quantised as by GPTQ or AWQ, which can't be"
                        + " merged: collapse the unquantised checkpoint and quantise the result")
                .orElse("");
    }

    /** Says if there is an adapter's tensor, or one that stands beside an adapter's. */
    private static String adapter(Collection<String> names, String prefix) {
        return names.stream()
                .filter(stored -> stored.contains(".lora_") || stored.contains(".base_layer."))
                .findFirst()
                .map(stored -> ", which has " + prefix + stored + ": an adapter has to be merged into its model before")
                .orElse("");
    }

    /** Says if a tensor is there with or without a prefix, as wrappers and parts of a model write it. */
    private static String found(TensorSource tensors, String name) {
        String reason = reason(tensors.names(), "");
        if (!reason.isEmpty()) {
            return reason;
        }
        for (String stored : tensors.names()) {
            if (stored.endsWith("." + name)) {
                String prefix = stored.substring(0, stored.length() - name.length());
                return ", which has " + stored + ": its names have the prefix " + prefix
                        + ", so save the model without what wraps it";
            }
            if (name.endsWith("." + stored)) {
                String prefix = name.substring(0, name.length() - stored.length());
                return ", which has " + stored + ": its names lack the prefix " + prefix
                        + ", so load it as the class with a head (AutoModelForCausalLM) and save that";
            }
        }
        return "";
    }

    private static void requireShape(StoredTensor tensor, ImmutableLongArray expected) {
        ImmutableLongArray shape = ImmutableLongArray.copyOf(tensor.shape());
        if (!shape.equals(expected)) {
            throw new IllegalArgumentException(
                    "tensor " + tensor.name() + " has shape " + shape + ", but config.json describes " + expected);
        }
    }

    ImmutableMap<String, LayerTensor> layer(int layer) {
        return layers.get(layer);
    }

    ImmutableMap<String, LayerTensor> norm() {
        return norm;
    }

    /** Whether logits can be made, by a head of its own or by the token table. */
    boolean hasHead() {
        return tensors.contains(decoder.head().weight());
    }

    long parameterCount() {
        long inLayers = layers.stream()
                .flatMap(layer -> layer.values().stream())
                .filter(tensor -> tensor.role() != TensorRole.BUFFER)
                .mapToLong(tensor -> tensor.tensor().length())
                .sum();
        return inLayers + parametersOutsideLayers();
    }

    long parametersOutsideLayers() {
        return otherNames().mapToLong(name -> tensors.tensor(name).length()).sum() - tiedCopy.get();
    }

    /**
     * Counts the elements of a tied head that is stored a second time. Only one that holds the same as the token table is tied: as
     * transformers 5 has it, one that differs is a head of its own.
     */
    private long tiedCopy() {
        String head = decoder.head().weight();
        String tokens = decoder.embedding().tokens();
        return !head.equals(tokens) && hasHead() && isSame(tensors.tensor(head), tensors.tensor(tokens))
                ? tensors.tensor(head).length()
                : 0;
    }

    private static boolean isSame(StoredTensor one, StoredTensor other) {
        return one.storedType().equals(other.storedType())
                && TensorHash.sha256(one).equals(TensorHash.sha256(other));
    }

    long bytesOutsideLayers() {
        return otherNames().mapToLong(name -> tensors.tensor(name).byteLength()).sum();
    }

    private Stream<String> otherNames() {
        return tensors.names().stream().filter(name -> LayerName.parse(name, decoder.layerPrefix())
                .map(position -> position.layer() >= layers.size())
                .orElse(true));
    }
}
