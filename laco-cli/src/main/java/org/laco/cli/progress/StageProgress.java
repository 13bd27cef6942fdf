package org.laco.cli.progress;

import org.laco.io.CheckpointListener;

/** Shows how far the writing or the verification of a checkpoint is, a phase a stage. */
public final class StageProgress implements CheckpointListener {
    private final Progress progress;
    private final String target;
    private Stage present;

    /**
     * Shows stages.
     *
     * @param progress where
     * @param target what is written or verified
     */
    public StageProgress(Progress progress, String target) {
        this.progress = progress;
        this.target = target;
    }

    @Override
    public void progressed(Stage stage, double share) {
        if (stage != present) {
            present = stage;
            progress.phase(name(stage));
        }
        if (share > 0) {
            progress.share(share);
        }
    }

    private String name(Stage stage) {
        return switch (stage) {
            case WRITING -> "writing " + target;
            case HASHING -> "hashing files";
            case REPLAYING -> "making the weights of " + target + " anew";
            case MEASURING -> "measuring " + target;
        };
    }
}
