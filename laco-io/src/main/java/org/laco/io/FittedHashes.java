package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.Training;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.tensor.TensorHash;

/** The hashes that a plan has of weights which don't follow from the original alone, held against written ones. */
final class FittedHashes {
    private static final String FITTED = "fitted";
    private static final String TRAINED = "trained";

    private final CollapsePlan plan;

    FittedHashes(CollapsePlan plan) {
        this.plan = plan;
    }

    boolean hasTrained() {
        return !plan.outside().isEmpty()
                || plan.layers().stream()
                        .anyMatch(layer -> layer instanceof FittedLayer fitted
                                && fitted.tensors().values().stream().anyMatch(FittedHashes::isTrained));
    }

    private static boolean isTrained(FittedTensor tensor) {
        return tensor.provenance() instanceof Training;
    }

    /** The names of all of them, as they were written. */
    ImmutableSet<String> namesIn(CausalModel written) {
        return hashes(written, tensor -> true).keySet();
    }

    /** Holds the fitted ones against the plan, and then the trained ones, where there are any. */
    ImmutableList<Check> check(CausalModel written) throws IOException {
        ImmutableList.Builder<Check> checks = ImmutableList.builder();
        ImmutableMap<String, String> fitted = hashes(written, tensor -> !isTrained(tensor));
        if (!fitted.isEmpty()) {
            checks.add(check(
                    FITTED,
                    written,
                    fitted,
                    fitted.size()
                            + " fitted tensors have the hashes of the plan; they were not made anew, which takes the "
                            + "fit: apply the plan with the same refit to compare"));
        }
        ImmutableMap<String, String> trained = hashes(written, FittedHashes::isTrained);
        if (!trained.isEmpty()) {
            checks.add(check(
                    TRAINED,
                    written,
                    trained,
                    trained.size() + " trained tensors have the hashes of the plan ("
                            + CheckpointVerifier.list(trained.keySet())
                            + "); training them again gives the same bits on the same machine only"));
        }
        return checks.build();
    }

    private ImmutableMap<String, String> hashes(CausalModel written, Predicate<FittedTensor> which) {
        Map<String, String> hashes = new TreeMap<>();
        for (int layer = 0; layer < Math.min(plan.size(), written.layerCount()); layer++) {
            if (plan.layers().get(layer) instanceof FittedLayer fit) {
                ImmutableMap<String, LayerTensor> tensors = written.tensors(layer);
                for (Map.Entry<String, FittedTensor> tensor : fit.tensors().entrySet()) {
                    if (which.test(tensor.getValue())) {
                        LayerTensor there = tensors.get(tensor.getKey());
                        hashes.put(
                                there == null
                                        ? "layer " + layer + "'s " + tensor.getKey()
                                        : there.tensor().name(),
                                tensor.getValue().sha256());
                    }
                }
            }
        }
        plan.outside().forEach((name, tensor) -> {
            if (which.test(tensor)) {
                hashes.put(name, tensor.sha256());
            }
        });
        return ImmutableMap.copyOf(hashes);
    }

    private static Check check(String name, CausalModel written, Map<String, String> recorded, String passed)
            throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, String> tensor : recorded.entrySet()) {
            if (!written.tensors().contains(tensor.getKey())) {
                wrong.add(tensor.getKey() + " is missing");
            } else if (!hash(written.tensors().tensor(tensor.getKey())).equals(tensor.getValue())) {
                wrong.add(tensor.getKey() + " doesn't have the recorded hash");
            }
        }
        return wrong.isEmpty()
                ? new Check(name, Outcome.PASSED, passed)
                : new Check(name, Outcome.FAILED, CheckpointVerifier.list(wrong));
    }

    /** The SHA-256 of a tensor's stored values. */
    static String hash(StoredTensor tensor) throws IOException {
        try {
            return TensorHash.sha256(tensor);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
