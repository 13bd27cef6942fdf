package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.laco.base.Cancellation;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.laco.train.TrainedAdapter;
import org.laco.train.TrainedWeights.LowRank;

/**
 * Low-rank adapters in the format of Hugging Face's PEFT: {@code adapter_config.json} and {@code adapter_model.safetensors}, which {@code
 * PeftModel.from_pretrained} puts on the collapsed model.
 *
 * <pre>{@code
 * PeftAdapter.of(model, trained.adapters(), new LowRank(16, 32)).write(Path.of("adapter"), record, false);
 * }</pre>
 */
public final class PeftAdapter {
    static final String CONFIG = "adapter_config.json";

    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final String ENDING = ".weight";

    private final Checkpoint model;
    private final ImmutableList<TrainedAdapter> adapters;
    private final LowRank form;

    private PeftAdapter(Checkpoint model, ImmutableList<TrainedAdapter> adapters, LowRank form) {
        this.model = model;
        this.adapters = adapters;
        this.form = form;
    }

    /**
     * Takes trained adapters.
     *
     * @param model the collapsed model that they are for
     * @param adapters the factors, of at least one weight
     * @param form the rank and α that they were trained with
     * @return the adapter
     * @throws IllegalArgumentException if a weight isn't one of a module's, which is all that PEFT knows
     */
    public static PeftAdapter of(Checkpoint model, List<TrainedAdapter> adapters, LowRank form) {
        checkArgument(!adapters.isEmpty(), "there are no adapters to be written");
        adapters.forEach(adapter -> checkArgument(
                adapter.weight().endsWith(ENDING),
                "tensor %s is no module's weight, so PEFT has no adapter for it: fold the adapters in",
                adapter.weight()));
        return new PeftAdapter(model, ImmutableList.copyOf(adapters), form);
    }

    /**
     * Refuses a target that {@link #write} would refuse, before a long training.
     *
     * @param model the collapsed model, which nothing may be written over
     * @param directory where the adapter is to be written
     * @param overwrite whether what is there may be replaced
     * @throws IOException if the directory exists, overlaps the model or can't be written
     */
    public static void check(Checkpoint model, Path directory, boolean overwrite) throws IOException {
        AtomicDirectory.begin(directory, model.location(), overwrite).close();
    }

    /**
     * Writes the adapter and its record into a directory that appears complete or not at all.
     *
     * @param directory the directory, which must not exist unless it may be replaced
     * @param record how the adapter was trained
     * @param overwrite whether an adapter or a checkpoint that is there is replaced
     * @throws IOException if the directory is refused or can't be written
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; nothing is left behind then
     */
    public void write(Path directory, TrainingRecord record, boolean overwrite) throws IOException {
        try (AtomicDirectory output = AtomicDirectory.begin(directory, model.location(), overwrite)) {
            SafetensorsWriter.writeFile(
                    output.path().resolve(WEIGHTS), WrittenTensor.allOf(tensors()), ImmutableMap.of("format", "pt"));
            put(output.path().resolve(CONFIG), config());
            ObjectNode content = new Json().object();
            content.put("laco", CollapseRecord.version()).set("training", record.toJson());
            put(output.path().resolve(CollapseRecord.FILE_NAME), content);
            output.commit(FileModes.of(model));
        } catch (ClosedByInterruptException e) {
            throw Cancellation.of(e);
        }
    }

    private static void put(Path file, ObjectNode content) throws IOException {
        Files.write(file, new Json().encode(content), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private ImmutableList<StoredTensor> tensors() {
        ImmutableList.Builder<StoredTensor> tensors = ImmutableList.builder();
        for (TrainedAdapter adapter : adapters) {
            String module = PREFIX + module(adapter);
            boolean inputFirst = isInputFirst();
            tensors.add(named(module + ".lora_A.weight", inputFirst ? adapter.left() : adapter.right(), inputFirst));
            tensors.add(named(module + ".lora_B.weight", inputFirst ? adapter.right() : adapter.left(), inputFirst));
        }
        return tensors.build();
    }

    /** A weight that is stored the other way round has the factors of its transpose, in the other order. */
    private static StoredTensor named(String name, StoredTensor factor, boolean transposed) {
        return ArrayTensor.of(name, transposed ? factor.load().transpose().dup('c') : factor.load());
    }

    /** The module's name in transformers, which puts the whole of GPT-2 into a module that its checkpoints don't name. */
    private String module(TrainedAdapter adapter) {
        String name = adapter.weight().substring(0, adapter.weight().length() - ENDING.length());
        return isInputFirst() && name.startsWith("h.") ? "transformer." + name : name;
    }

    /** GPT-2's linear maps are stored as {@code [in, out]}, which PEFT calls fan_in_fan_out. */
    private boolean isInputFirst() {
        return model.model().config().string("model_type").equals("gpt2");
    }

    private ObjectNode config() {
        ObjectNode config = new Json().object();
        config.put("peft_type", "LORA")
                .put("task_type", "CAUSAL_LM")
                .put(
                        "base_model_name_or_path",
                        model.location().map(Path::toString).orElse(""))
                .put("inference_mode", true)
                .put("r", form.rank())
                .put("lora_alpha", form.alpha())
                .put("lora_dropout", 0.0)
                .put("bias", "none")
                .put("fan_in_fan_out", isInputFirst())
                .put("init_lora_weights", true);
        ArrayNode modules = config.putArray("target_modules");
        adapters.forEach(adapter -> modules.add(module(adapter)));
        return config;
    }
}
