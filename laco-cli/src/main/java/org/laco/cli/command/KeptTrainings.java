package org.laco.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.cli.option.ReportOptions;
import org.laco.io.Checkpoint;
import org.laco.io.TrainingFile;

/** Opens the file that a training is kept in, as it was asked for. */
final class KeptTrainings {
    private final boolean resume;
    private final boolean force;
    private final ReportOptions report;

    KeptTrainings(boolean resume, boolean force, ReportOptions report) {
        this.resume = resume;
        this.force = force;
        this.report = report;
    }

    TrainingFile open(Path target, Checkpoint model, Optional<Checkpoint> original) throws IOException {
        if (!resume) {
            return force ? TrainingFile.replace(target, model, original) : TrainingFile.create(target, model, original);
        }
        TrainingFile file = TrainingFile.resume(target, model, original);
        if (file.isBegun()) {
            report.people().println("resuming the training that " + file + " holds");
        }
        return file;
    }
}
