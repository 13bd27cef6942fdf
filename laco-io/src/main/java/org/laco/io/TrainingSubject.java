package org.laco.io;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * What a kept training depends on beside the text and the settings, which its fingerprint covers: this version, the arithmetic, the model
 * and the original.
 *
 * @param described texts by what they describe
 */
record TrainingSubject(ImmutableMap<String, String> described) {
    private static final String FORM = "1";

    static TrainingSubject of(Checkpoint model, Optional<Checkpoint> original) throws IOException {
        ImmutableMap.Builder<String, String> described = ImmutableMap.builder();
        described.put("training", FORM);
        described.put("laco", CollapseRecord.version());
        described.put("arithmetic", model.model().arithmetic());
        putFiles(described, "the model's ", model);
        if (original.isPresent()) {
            putFiles(described, "the original's ", original.get());
        }
        return new TrainingSubject(described.buildOrThrow());
    }

    private static void putFiles(ImmutableMap.Builder<String, String> described, String whose, Checkpoint checkpoint)
            throws IOException {
        for (Map.Entry<String, String> file : CheckpointIdentity.of(checkpoint).entrySet()) {
            described.put(whose + file.getKey(), file.getValue());
        }
    }
}
