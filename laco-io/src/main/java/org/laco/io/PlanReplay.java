package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;

/**
 * Makes the weights of a plan anew and compares them with written ones, tensor by tensor, without holding either. Fitted weights can't be
 * made of the original alone; they are compared with the hashes that the plan holds of them.
 */
final class PlanReplay {
    private static final String PLAN = "plan";
    private static final String FITTED = "fitted";

    private final CausalModel original;
    private final CausalModel written;
    private final CollapsePlan plan;

    PlanReplay(CausalModel original, CausalModel written, CollapsePlan plan) {
        this.original = original;
        this.written = written;
        this.plan = plan;
    }

    ImmutableList<Check> check() throws IOException {
        if (written.layerCount() != plan.size()) {
            return failed("the plan has " + plan.size() + " layers, the written model " + written.layerCount());
        }
        CausalModel replayed;
        try {
            replayed = original.collapsed(plan.unfitted());
        } catch (IllegalArgumentException e) {
            return failed("the plan can't be applied to the original: " + e.getMessage());
        }
        ImmutableMap<String, String> fitted = fitted();
        ImmutableList.Builder<Check> checks = ImmutableList.builder();
        checks.add(checkReplayed(replayed, fitted));
        if (!fitted.isEmpty()) {
            checks.add(checkFitted(fitted));
        }
        return checks.build();
    }

    private static ImmutableList<Check> failed(String why) {
        return ImmutableList.of(new Check(PLAN, Outcome.FAILED, why));
    }

    /** The recorded hashes of fitted weights by the names that they were written under. */
    private ImmutableMap<String, String> fitted() {
        Map<String, String> hashes = new HashMap<>();
        for (int layer = 0; layer < plan.size(); layer++) {
            PlannedLayer planned = plan.layers().get(layer);
            if (planned instanceof FittedLayer fit) {
                ImmutableMap<String, LayerTensor> tensors = written.tensors(layer);
                for (Map.Entry<String, FittedTensor> tensor : fit.tensors().entrySet()) {
                    LayerTensor there = tensors.get(tensor.getKey());
                    hashes.put(
                            there == null
                                    ? "layer " + layer + "'s " + tensor.getKey()
                                    : there.tensor().name(),
                            tensor.getValue().sha256());
                }
            }
        }
        return ImmutableMap.copyOf(hashes);
    }

    private Check checkReplayed(CausalModel replayed, Map<String, String> fitted) throws IOException {
        TreeSet<String> names = new TreeSet<>(replayed.tensors().names());
        names.addAll(written.tensors().names());
        names.removeAll(fitted.keySet());
        List<String> wrong = new ArrayList<>();
        for (String name : names) {
            if (!replayed.tensors().contains(name)) {
                wrong.add(name + " is not of the plan");
            } else if (!written.tensors().contains(name)) {
                wrong.add(name + " is missing");
            } else if (!areEqual(
                    replayed.tensors().tensor(name), written.tensors().tensor(name))) {
                wrong.add(name + " has other values");
            }
        }
        if (!replayed.config().values().equals(written.config().values())) {
            wrong.add("the configuration is another");
        }
        return wrong.isEmpty()
                ? new Check(PLAN, Outcome.PASSED, names.size() + " tensors and the configuration, made anew, are equal")
                : new Check(PLAN, Outcome.FAILED, CheckpointVerifier.list(wrong));
    }

    private Check checkFitted(Map<String, String> fitted) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, String> recorded : fitted.entrySet()) {
            String name = recorded.getKey();
            if (!written.tensors().contains(name)) {
                wrong.add(name + " is missing");
            } else if (!hash(written.tensors().tensor(name)).toString().equals(recorded.getValue())) {
                wrong.add(name + " doesn't have the recorded hash");
            }
        }
        return wrong.isEmpty()
                ? new Check(
                        FITTED,
                        Outcome.PASSED,
                        fitted.size()
                                + " fitted tensors have the hashes of the plan; they were not made anew, which takes the "
                                + "fit: apply the plan with the same refit to compare")
                : new Check(FITTED, Outcome.FAILED, CheckpointVerifier.list(wrong));
    }

    private static boolean areEqual(StoredTensor one, StoredTensor other) throws IOException {
        return one.storedType().equals(other.storedType())
                && Arrays.equals(one.shape(), other.shape())
                && hash(one).equals(hash(other));
    }

    private static HashCode hash(StoredTensor tensor) throws IOException {
        try (HashingOutputStream hashing = new HashingOutputStream(Hashing.sha256(), OutputStream.nullOutputStream())) {
            tensor.writeTo(Channels.newChannel(hashing));
            return hashing.hash();
        }
    }
}
