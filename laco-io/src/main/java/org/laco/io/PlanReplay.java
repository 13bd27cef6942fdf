package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.measure.ProgressListener;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.StoredTensor;

/**
 * Makes the weights of a plan anew and compares them with written ones, tensor by tensor, without holding either. Fitted weights can't be
 * made of the original alone; they are compared with the hashes that the plan holds of them.
 */
final class PlanReplay {
    private static final String PLAN = "plan";

    private final CausalModel original;
    private final CausalModel written;
    private final CollapsePlan plan;

    PlanReplay(CausalModel original, CausalModel written, CollapsePlan plan) {
        this.original = original;
        this.written = written;
        this.plan = plan;
    }

    ImmutableList<Check> check(ProgressListener listener) throws IOException {
        if (written.layerCount() != plan.size()) {
            return failed("the plan has " + plan.size() + " layers, the written model " + written.layerCount());
        }
        CausalModel replayed;
        try {
            replayed = original.collapsed(plan.unfitted());
        } catch (IllegalArgumentException e) {
            return failed("the plan can't be applied to the original: " + e.getMessage());
        }
        FittedHashes fitted = new FittedHashes(plan);
        return ImmutableList.<Check>builder()
                .add(checkReplayed(replayed, fitted.namesIn(written), listener))
                .addAll(fitted.check(written))
                .build();
    }

    private static ImmutableList<Check> failed(String why) {
        return ImmutableList.of(new Check(PLAN, Outcome.FAILED, why));
    }

    private Check checkReplayed(CausalModel replayed, Set<String> fitted, ProgressListener listener)
            throws IOException {
        TreeSet<String> names = new TreeSet<>(replayed.tensors().names());
        names.addAll(written.tensors().names());
        names.removeAll(fitted);
        List<String> wrong = new ArrayList<>();
        ByteProgress progress = new ByteProgress(listener, bytes(names));
        for (String name : names) {
            if (!replayed.tensors().contains(name)) {
                wrong.add(name + " is not of the plan");
            } else if (!written.tensors().contains(name)) {
                wrong.add(name + " is missing");
            } else if (!areEqual(
                    replayed.tensors().tensor(name), written.tensors().tensor(name))) {
                wrong.add(name + " has other values");
            }
            progress.accept(bytes(name));
        }
        if (!replayed.config().values().equals(written.config().values())) {
            wrong.add("the configuration is another");
        }
        return wrong.isEmpty()
                ? new Check(PLAN, Outcome.PASSED, names.size() + " tensors and the configuration, made anew, are equal")
                : new Check(PLAN, Outcome.FAILED, CheckpointVerifier.list(wrong));
    }

    private long bytes(Set<String> names) {
        return names.stream().mapToLong(this::bytes).sum();
    }

    private long bytes(String name) {
        return written.tensors().contains(name) ? written.tensors().tensor(name).byteLength() : 0;
    }

    private static boolean areEqual(StoredTensor one, StoredTensor other) throws IOException {
        return one.storedType().equals(other.storedType())
                && Arrays.equals(one.shape(), other.shape())
                && FittedHashes.hash(one).equals(FittedHashes.hash(other));
    }
}
