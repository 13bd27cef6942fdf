package org.laco.io;

import java.io.IOException;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;

/** A model that never was a file: it has no tokenizer, and is written as Hugging Face's. */
record MemoryCheckpoint(CausalModel model) implements Checkpoint {
    @Override
    public CheckpointFiles collapsed(CollapsePlan plan, long maxShardBytes) throws IOException {
        return HfFiles.of(model.collapsed(plan), maxShardBytes);
    }

    /** Does nothing: the model is the caller's. */
    @Override
    public void close() {}
}
