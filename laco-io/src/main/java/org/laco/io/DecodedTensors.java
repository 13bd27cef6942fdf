package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.Optional;
import org.laco.io.array.FileTensor;
import org.laco.io.array.FileTensors;
import org.laco.tensor.NamedTensors;
import org.laco.tensor.StoredTensor;

/** The tensors of a compressed checkpoint as if they weren't: weights are decoded while they are read, scales are left out. */
final class DecodedTensors extends NamedTensors<StoredTensor> {
    private static final ImmutableList<String> WEIGHT_SCALES = ImmutableList.of("_scale_inv", "_scale");

    /** Scales of what runs through a model, which is not compressed here. */
    private static final ImmutableList<String> OTHER_SCALES = ImmutableList.of(
            "input_scale", "activation_scale", "output_scale", ".q_scale", ".k_scale", ".v_scale", ".kv_scale");

    private static final String BLOCKS = "_blocks";
    private static final String SCALES = "_scales";

    private final FileTensors stored;
    private final ImmutableListMultimap<String, String> parts;

    private DecodedTensors(
            FileTensors stored,
            ImmutableMap<String, StoredTensor> tensors,
            ImmutableListMultimap<String, String> parts) {
        super("the decoded checkpoint", tensors);
        this.stored = stored;
        this.parts = parts;
    }

    static DecodedTensors of(FileTensors stored, Quantisation quantisation) {
        return new Reading(stored, quantisation).read();
    }

    @Override
    public void prefetch(Collection<String> names) {
        stored.prefetch(
                names.stream().flatMap(name -> parts.get(name).stream()).collect(ImmutableList.toImmutableList()));
    }

    @Override
    public void close() {
        stored.close();
    }

    /** Puts stored tensors and their scales together. */
    private static final class Reading {
        private final FileTensors stored;
        private final Quantisation quantisation;
        private final ImmutableMap.Builder<String, StoredTensor> tensors = ImmutableMap.builder();
        private final ImmutableListMultimap.Builder<String, String> parts = ImmutableListMultimap.builder();

        Reading(FileTensors stored, Quantisation quantisation) {
            this.stored = stored;
            this.quantisation = quantisation;
        }

        DecodedTensors read() {
            stored.tensors().forEach(this::add);
            return new DecodedTensors(stored, tensors.buildOrThrow(), parts.build());
        }

        private void add(FileTensor tensor) {
            if (isScale(tensor.name())) {
                return;
            }
            Optional<String> experts = quantisation.microscaled() ? whole(tensor.name(), BLOCKS) : Optional.empty();
            if (experts.isPresent()) {
                FileTensor scales = scales(tensor, experts.get() + SCALES);
                put(Mxfp4Tensor.of(experts.get(), tensor, scales), tensor, scales);
                return;
            }
            Optional<Float8> type = Float8.of(tensor.dtype());
            if (type.isEmpty()) {
                put(tensor, tensor);
                return;
            }
            FileTensor scales = WEIGHT_SCALES.stream()
                    .map(suffix -> tensor.name() + suffix)
                    .filter(stored::contains)
                    .findFirst()
                    .map(stored::tensor)
                    .orElseGet(() -> scales(tensor, tensor.name() + WEIGHT_SCALES.get(0)));
            put(
                    new Float8Tensor(tensor, type.get(), BlockScales.of(tensor, scales, quantisation.block())),
                    tensor,
                    scales);
        }

        private void put(StoredTensor read, FileTensor... from) {
            tensors.put(read.name(), read);
            for (FileTensor part : from) {
                parts.put(read.name(), part.name());
            }
        }

        private FileTensor scales(FileTensor weight, String name) {
            if (!stored.contains(name)) {
                throw new IllegalArgumentException("tensor " + weight.name() + " is stored as " + weight.storedType()
                        + ", but its scales, " + name + ", are missing");
            }
            return stored.tensor(name);
        }

        private boolean isScale(String name) {
            if (OTHER_SCALES.stream().anyMatch(name::endsWith)) {
                return true;
            }
            if (quantisation.microscaled()) {
                return whole(name, SCALES)
                        .filter(experts -> stored.contains(experts + BLOCKS))
                        .isPresent();
            }
            Optional<FileTensor> weight = WEIGHT_SCALES.stream()
                    .flatMap(suffix -> whole(name, suffix).stream())
                    .filter(stored::contains)
                    .findFirst()
                    .map(stored::tensor);
            weight.filter(found -> Float8.of(found.dtype()).isEmpty()).ifPresent(found -> {
                throw new IllegalArgumentException("tensor " + found.name() + " is stored as " + found.storedType()
                        + ", but has scales, " + name + ": expected 8-bit floats, F8_E4M3 or F8_E5M2");
            });
            return weight.isPresent();
        }

        private static Optional<String> whole(String name, String suffix) {
            return name.endsWith(suffix)
                    ? Optional.of(name.substring(0, name.length() - suffix.length()))
                    : Optional.empty();
        }
    }
}
