package org.laco.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.stack.Calibration;
import org.laco.tensor.TensorSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the lengths of sequences with the positions of a model, and says once if they are longer than it was trained for. */
final class PositionCheck {
    private static final Logger LOGGER = LoggerFactory.getLogger(CausalModel.class);
    private static final ImmutableList<String> KEYS =
            ImmutableList.of("n_positions", "max_position_embeddings", "max_seq_len");

    private final Optional<Positions> positions;
    private final AtomicBoolean told;

    private PositionCheck(Optional<Positions> positions, AtomicBoolean told) {
        this.positions = positions;
        this.told = told;
    }

    /**
     * Finds the positions of a model.
     *
     * @param told whether a warning was given, shared by all models that come from one
     */
    static PositionCheck of(ModelConfig config, Decoder decoder, TensorSource tensors, AtomicBoolean told) {
        Optional<Positions> stated = KEYS.stream()
                .filter(config::has)
                .findFirst()
                .map(key -> new Positions(config.integer(key, Range.POSITIONS), false));
        Optional<Positions> learned = decoder.embedding().positions().map(table -> {
            long rows = tensors.tensor(table).shape()[0] - decoder.embedding().positionOffset();
            stated.ifPresent(positions -> checkArgument(
                    positions.count() == rows,
                    "tensor %s holds %s positions, but config.json describes %s",
                    table,
                    rows,
                    positions.count()));
            return new Positions(Math.toIntExact(rows), true);
        });
        Optional<Positions> limited = decoder.limit().map(limit -> new Positions(limit.tokens(), true, limit.reason()));
        return new PositionCheck(limited.or(() -> learned).or(() -> stated), told);
    }

    Optional<Positions> positions() {
        return positions;
    }

    /** Refuses sequences beyond learned positions, and warns of others that are too long. */
    void check(Calibration calibration) {
        positions.ifPresent(known -> {
            for (int i = 0; i < calibration.layout().count(); i++) {
                int length = calibration.layout().length(i);
                known.requireRoom(length, "calibration sequence " + i);
                if (length > known.count() && told.compareAndSet(false, true)) {
                    LOGGER.warn(
                            "a sequence has {} tokens, more than the {} positions that the model was made for",
                            length,
                            known.count());
                }
            }
        });
    }
}
