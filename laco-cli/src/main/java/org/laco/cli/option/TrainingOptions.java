package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.io.Checkpoint;
import org.laco.io.TrainingText;
import org.laco.output.LossCurve;
import org.laco.train.LearningRate;
import org.laco.train.PostTraining;
import org.laco.train.TrainedWeights;
import org.laco.train.TrainedWeights.Layers;
import org.laco.train.TrainedWeights.LowRank;
import org.laco.train.TrainedWeights.Outside;
import org.laco.train.TrainingLoss;
import picocli.CommandLine.Option;

/** On what, how long and how a collapsed model is trained. */
public final class TrainingOptions {
    private static final double FLOOR = 0.05;
    private static final double RATE = 5e-4;
    private static final double RATE_OF_ALL = 2e-4;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 100,
            description = "The text to train on: running text in UTF-8. A twentieth of it, at most 32 windows, is held "
                    + "out for the validation unless --validation-text is given.")
    private Path text;

    @Option(
            names = "--per-line",
            order = 101,
            description =
                    "Take each line of the texts for a document of its own with its special tokens, or for JSON as "
                            + "calibrations have it.")
    private boolean perLine;

    @Option(
            names = "--loss",
            paramLabel = "LOSS",
            order = 102,
            defaultValue = "kl",
            converter = LossConverter.class,
            description =
                    "What is made small: kl, the divergence from the original's next tokens; next-token, which "
                            + "needs no original; or a mixture such as mixed-0.9, nine tenths of it kl. Default: ${DEFAULT-VALUE}.")
    private TrainingLoss loss;

    @Option(
            names = "--top",
            paramLabel = "K",
            order = 103,
            description = "Tell only the original's K likeliest tokens apart, and keep them on disk. Default: all.")
    private Integer top;

    @Option(
            names = "--train",
            paramLabel = "WHICH",
            order = 104,
            defaultValue = "merged",
            converter = WeightsConverter.class,
            description = "Which layers are trained: merged, last-N, all, or everything, which is all with embedding, "
                    + "norms and head. Default: ${DEFAULT-VALUE}.")
    private TrainedWeights weights;

    @Option(names = "--norms", order = 105, description = "Train the norms of all layers and the final one as well.")
    private boolean norms;

    @Option(names = "--head", order = 105, description = "Train the head as well, where it isn't the embedding.")
    private boolean head;

    @Option(
            names = "--lora-rank",
            paramLabel = "R",
            order = 106,
            description = "Train linear maps by low-rank adapters of this rank, folded into the weights at the end.")
    private Integer rank;

    @Option(
            names = "--lora-alpha",
            paramLabel = "A",
            order = 107,
            description = "The adapters' factor times their rank. Default: twice the rank.")
    private Double alpha;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            order = 108,
            defaultValue = "81920",
            description = "How many tokens are trained on; a shorter text is read again. Default: ${DEFAULT-VALUE}.")
    private long tokens;

    @Option(
            names = "--window",
            paramLabel = "TOKENS",
            order = 109,
            defaultValue = "128",
            description = "The length of the windows that texts are cut into. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--batch",
            paramLabel = "N",
            order = 110,
            defaultValue = "8",
            description = "How many windows a step reads. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            order = 111,
            description = "How many windows are computed at once, to take less memory; a step adds their gradients up. "
                    + "Default: all of a step.")
    private Integer accumulate;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            order = 112,
            description =
                    "The highest learning rate, which then falls along a cosine to a twentieth. Default: 5e-4, and "
                            + "2e-4 with --train all or everything.")
    private Double rate;

    @Option(
            names = "--warmup",
            paramLabel = "SHARE",
            order = 113,
            defaultValue = "0.05",
            description = "The share of the steps in which the learning rate rises. Default: ${DEFAULT-VALUE}.")
    private double warmup;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            order = 114,
            defaultValue = "1",
            description = "The norm to which a step's gradients are scaled down. Default: ${DEFAULT-VALUE}.")
    private double clip;

    @Option(
            names = "--validation-text",
            paramLabel = "FILE",
            converter = TextConverter.class,
            order = 115,
            description = "A text that isn't trained on, to measure the loss on. The weights with the lowest are kept.")
    private Path validationText;

    @Option(
            names = "--validations",
            paramLabel = "N",
            order = 116,
            defaultValue = "10",
            description = "How often the loss is measured, and the state kept. Default: ${DEFAULT-VALUE}.")
    private int validations;

    @Option(
            names = "--patience",
            paramLabel = "N",
            order = 117,
            description = "Stop after so many measurements without a lower loss. Default: never.")
    private Integer patience;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 118,
            defaultValue = "0",
            description =
                    "Decides the order of the windows, and with which values adapters begin. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--activation-memory",
            paramLabel = "SIZE",
            order = 119,
            defaultValue = "1GiB",
            description = "The memory for what gradients of layers need; what doesn't fit is computed a second time. "
                    + "Default: ${DEFAULT-VALUE}.")
    private ByteSize activationMemory;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            order = 120,
            description =
                    "Where the hidden states of the frozen layers are kept meanwhile, 8 bytes a token and hidden unit. "
                            + "Default: where the system puts temporary files.")
    private Path directory;

    @Option(
            names = "--loss-curve",
            paramLabel = "FILE",
            order = 121,
            description = "Write the loss of each step as .csv or .svg. May be given for each.")
    private List<Path> curves = new ArrayList<>();

    /**
     * Returns whether a training is asked for.
     *
     * @return whether there is a text
     */
    public boolean isGiven() {
        return text != null;
    }

    /**
     * Returns whether the layers to train have to be known from a plan.
     *
     * @return whether merged layers are trained
     */
    public boolean trainsMergedLayers() {
        return weights.layers() == Layers.MERGED;
    }

    /**
     * Returns whether the loss needs the original.
     *
     * @return false for that of the next token alone
     */
    public boolean needsOriginal() {
        return loss.divergenceShare() > 0;
    }

    /**
     * Returns whether nothing but adapters is trained.
     *
     * @return whether there is a rank, and no norms, head or embedding are trained beside
     */
    public boolean trainsAdaptersAlone() {
        return rank != null && !norms && !head && weights.outside() == Outside.NOTHING;
    }

    /**
     * Returns the form of the adapters.
     *
     * @return rank and α, empty if weights are trained as a whole
     * @throws IllegalArgumentException if the numbers make no sense
     */
    public Optional<LowRank> adapters() {
        if (rank == null) {
            if (alpha != null) {
                throw new IllegalArgumentException("an adapter's alpha needs its rank");
            }
            return Optional.empty();
        }
        return Optional.of(new LowRank(rank, alpha == null ? 2.0 * rank : alpha));
    }

    /**
     * Returns where curves of the loss are to be written.
     *
     * @return files that end in .csv or .svg
     */
    public List<Path> curves() {
        return curves;
    }

    /**
     * Reads the text.
     *
     * @param model whose tokenizer is used
     * @param original that it is trained toward, empty if it has the same tokenizer
     * @return the text
     * @throws IOException if it can't be used
     */
    public TrainingText text(Checkpoint model, Optional<Checkpoint> original) throws IOException {
        return TrainingText.read(text, perLine, model, original);
    }

    /**
     * Reads the text for the validation.
     *
     * @param model whose tokenizer is used
     * @return the text, empty if none was named
     * @throws IOException if it can't be used
     */
    public Optional<TrainingText> validationText(Checkpoint model) throws IOException {
        return validationText == null
                ? Optional.empty()
                : Optional.of(TrainingText.read(validationText, perLine, model, Optional.empty()));
    }

    /**
     * Makes the settings.
     *
     * @return a builder with all that was given but the texts
     * @throws IllegalArgumentException if a number makes no sense
     */
    public PostTraining.Builder training() {
        double peak = rate != null ? rate : weights.layers() == Layers.ALL ? RATE_OF_ALL : RATE;
        TrainedWeights withNorms = norms ? weights.withNorms() : weights;
        TrainedWeights chosen = head ? withNorms.withHead() : withNorms;
        PostTraining.Builder builder = PostTraining.builder()
                .loss(top == null ? loss : loss.top(top))
                .weights(adapters()
                        .map(form -> chosen.lowRank(form.rank(), form.alpha()))
                        .orElse(chosen))
                .rate(new LearningRate(peak, warmup, FLOOR))
                .tokens(tokens)
                .windowLength(window)
                .windowsPerStep(batch)
                .clip(clip)
                .validations(validations)
                .seed(seed)
                .activationMemory(activationMemory.bytes());
        Optional.ofNullable(accumulate).ifPresent(builder::windowsPerBatch);
        Optional.ofNullable(patience).ifPresent(builder::patience);
        Optional.ofNullable(directory).ifPresent(builder::directory);
        return builder;
    }

    /**
     * Refuses what would only fail after the training, or after a search before it.
     *
     * @param model the model that is trained
     * @throws IOException if a directory that was named isn't there
     * @throws IllegalArgumentException if the model has no room for a window, or a curve's file has another ending
     */
    public void check(Checkpoint model) throws IOException {
        model.model().positions().ifPresent(positions -> positions.requireRoom(window, "a window"));
        if (directory != null && !Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory");
        }
        for (Path curve : curves) {
            LossCurve.check(curve);
        }
    }
}
