package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.laco.io.CheckpointListener.Stage;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.ProgressListener;
import org.laco.measure.ReferenceOutput;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Checks a collapsed checkpoint against the record that was written with it, and, where the original is at hand, makes its weights
 * anew and measures it again.
 *
 * <pre>{@code
 * Verification found = CheckpointVerifier.of(Path.of("SmolLM2-24")).against(Path.of("SmolLM2-135M"));
 * found.isVerified();   // true
 * }</pre>
 */
public final class CheckpointVerifier {
    /** How far the similarity may be from the recorded one; equal weights differ by rounding only. */
    private static final double REPRODUCED = 1e-5;

    private static final String OUTPUTS = "outputs";
    private static final String INPUTS = "inputs";
    private static final String PLAN = "plan";
    private static final String SIMILARITY = "similarity";

    /** As many names as a message lists. */
    private static final int LISTED = 5;

    private final Path directory;
    private final ObjectNode record;
    private final CollapsePlan plan;
    private final CheckpointListener listener;
    private final List<Check> checks = new ArrayList<>();

    private CheckpointVerifier(Path directory, ObjectNode record, CollapsePlan plan, CheckpointListener listener) {
        this.directory = directory;
        this.record = record;
        this.plan = plan;
        this.listener = listener;
    }

    /**
     * Reads the record of a checkpoint.
     *
     * @param directory the checkpoint, with its {@code laco.json}
     * @return the verifier, of one check
     * @throws IOException if there is no record, or it can't be read
     */
    public static CheckpointVerifier of(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " " + ForeignCheckpoint.missing(directory));
        }
        Path file = directory.resolve(CollapseRecord.FILE_NAME);
        if (!Files.exists(file)) {
            throw new IOException(directory + " has no " + CollapseRecord.FILE_NAME
                    + ": only a checkpoint that laco wrote can be verified");
        }
        return new CheckpointVerifier(
                directory, new Json().readObject(file), new PlanJson().read(file), CheckpointListener.NONE);
    }

    /**
     * Returns a verifier of the same checkpoint that tells how far it is.
     *
     * @param told who is told, in the verifying thread
     * @return the verifier, of one check
     */
    public CheckpointVerifier withListener(CheckpointListener told) {
        return new CheckpointVerifier(directory, record, plan, told);
    }

    /**
     * Checks the files by themselves.
     *
     * @return what was found
     * @throws IOException if a file can't be read
     */
    public Verification alone() throws IOException {
        checkFiles(OUTPUTS, directory, hashing(Map.of(OUTPUTS, directory)));
        skip(PLAN, "the original is needed to make the weights anew");
        FittedHashes hashes = new FittedHashes(plan);
        if (hashes.hasTrained()) {
            try (Checkpoint written = Checkpoints.open(directory)) {
                checks.addAll(hashes.check(written.model()));
            }
        }
        skip(SIMILARITY, "the original is needed to measure it");
        if (RecordedQuestions.areIn(record)) {
            skip(AnswerCheck.NAME, "it is measured together with the similarity, which needs the original");
        }
        return new Verification(ImmutableList.copyOf(checks));
    }

    /**
     * Checks the files, makes the weights anew from the original, and measures the similarity to it.
     *
     * @param source the original, or what is said to be a copy of it
     * @return what was found
     * @throws IOException if a file can't be read, or either isn't a checkpoint
     */
    public Verification against(Path source) throws IOException {
        LongConsumer hashed = hashing(Map.of(OUTPUTS, directory, INPUTS, source));
        checkFiles(OUTPUTS, directory, hashed);
        checkFiles(INPUTS, source, hashed);
        try (Checkpoint original = Checkpoints.open(source);
                Checkpoint written = Checkpoints.open(directory)) {
            checks.addAll(
                    new PlanReplay(original.model(), written.model(), plan).check(listener.begin(Stage.REPLAYING)));
            checkSimilarity(original, written);
        }
        return new Verification(ImmutableList.copyOf(checks));
    }

    /** Begins the hashing of files that the record names. */
    private LongConsumer hashing(Map<String, Path> places) throws IOException {
        long bytes = 0;
        for (Map.Entry<String, Path> place : places.entrySet()) {
            for (String file : ImmutableList.copyOf(record.path(place.getKey()).fieldNames())) {
                Path path = place.getValue().resolve(file);
                bytes += isFileName(file) && Files.isRegularFile(path) ? Files.size(path) : 0;
            }
        }
        return new ByteProgress(listener.begin(Stage.HASHING), bytes);
    }

    private void checkFiles(String name, Path where, LongConsumer hashed) throws IOException {
        JsonNode recorded = record.path(name);
        if (!recorded.isObject()) {
            skip(name, "the record has no hashes: it was written without checksums");
            return;
        }
        List<String> wrong = new ArrayList<>();
        TreeSet<String> expected = new TreeSet<>(ImmutableList.copyOf(recorded.fieldNames()));
        for (String file : expected) {
            wrong.addAll(fault(where, file, recorded.get(file).asText(), hashed));
        }
        if (!wrong.isEmpty()) {
            add(name, Outcome.FAILED, where + ": " + list(wrong));
            return;
        }
        TreeSet<String> others = new TreeSet<>();
        try (Stream<Path> files = Files.list(where)) {
            files.map(file -> file.getFileName().toString()).forEach(others::add);
        }
        others.removeAll(expected);
        others.remove(CollapseRecord.FILE_NAME);
        add(
                name,
                Outcome.PASSED,
                expected.size() + " files have the hashes of the record"
                        + (others.isEmpty() ? "" : "; not in the record: " + list(others)));
    }

    /** A name with a separator would lead out of the directory. */
    private static boolean isFileName(String file) {
        return Path.of(file).equals(Path.of(file).getFileName());
    }

    private static List<String> fault(Path where, String file, String hash, LongConsumer hashed) throws IOException {
        if (!isFileName(file)) {
            return List.of(file + " is not the name of a file");
        }
        Path path = where.resolve(file);
        if (!Files.isRegularFile(path)) {
            return List.of(file + " is missing");
        }
        return hash.equals(FileHashes.hash(path, hashed))
                ? List.of()
                : List.of(file + " is not the file of the record");
    }

    private void checkSimilarity(Checkpoint original, Checkpoint written) {
        Optional<Calibration> calibration = RecordedCalibration.read(record);
        if (calibration.isEmpty() || !record.path(SIMILARITY).isNumber()) {
            skip(SIMILARITY, "the record holds no sequences or no similarity");
            return;
        }
        double recorded = record.get(SIMILARITY).doubleValue();
        ProgressListener measuring = listener.begin(Stage.MEASURING);
        double first = (double) original.model().layerCount()
                / (original.model().layerCount() + written.model().layerCount());
        try (INDArray before = FinalHiddenStates.of(
                        original.model(), calibration.get(), share -> measuring.progressed(first * share));
                INDArray after = FinalHiddenStates.of(
                        written.model(),
                        calibration.get(),
                        share -> measuring.progressed(first + (1 - first) * share))) {
            double measured = ReferenceOutput.of(before, calibration.get().layout())
                    .compare(after)
                    .value();
            boolean same = Math.abs(measured - recorded) <= REPRODUCED;
            add(
                    SIMILARITY,
                    same ? Outcome.PASSED : Outcome.FAILED,
                    String.format(Locale.ROOT, "measured %.6f, recorded %.6f", measured, recorded));
            if (RecordedQuestions.areIn(record)) {
                checks.add(new AnswerCheck(record, calibration.get()).check(after, written.model()));
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            add(SIMILARITY, Outcome.FAILED, "it can't be measured: " + e.getMessage());
        }
    }

    private void skip(String name, String why) {
        add(name, Outcome.SKIPPED, why);
    }

    private void add(String name, Outcome outcome, String detail) {
        checks.add(new Check(name, outcome, detail));
    }

    /** Lists names, and not more of them than fit a line. */
    static String list(Iterable<String> names) {
        ImmutableList<String> all = ImmutableList.copyOf(names);
        return String.join(", ", all.subList(0, Math.min(LISTED, all.size())))
                + (all.size() > LISTED ? " and " + (all.size() - LISTED) + " more" : "");
    }
}
