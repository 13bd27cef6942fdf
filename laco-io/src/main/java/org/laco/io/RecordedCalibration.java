package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.stack.Calibration;

/** The sequences in a record on which the similarity was measured. */
final class RecordedCalibration {
    private RecordedCalibration() {}

    /** Reads them; an id that is none becomes a negative one, which a calibration refuses. */
    static Optional<Calibration> read(JsonNode record) {
        List<int[]> sequences = new ArrayList<>();
        for (JsonNode sequence : record.path("calibration").path("sequences")) {
            List<Integer> ids = new ArrayList<>();
            sequence.forEach(id -> ids.add(id.asInt(-1)));
            sequences.add(ids.stream().mapToInt(Integer::intValue).toArray());
        }
        return sequences.isEmpty() ? Optional.empty() : Optional.of(Calibration.ofTokens(sequences));
    }
}
