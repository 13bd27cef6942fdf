package org.laco.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.laco.fit.Fit;
import org.laco.merge.MergeRules;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.tensor.ArrayTensor;
import org.nd4j.linalg.factory.Nd4j;

class KeptFitsTest {
    private static final CollapsePlan ORIGINAL = CollapsePlan.identity(6);

    /** A span that begins at a layer, as merged. */
    private static CollapsePlan span(int layer) {
        return ORIGINAL.merge(layer, 1, MergeRules.keepFirst());
    }

    /** The same with a fitted weight of 16 bytes. */
    private static CollapsePlan fitted(int layer) {
        FittedTensor weight = new FittedTensor(
                new ClosedForm("ridge", 0.3, 1, 0.5, 0.25),
                "hash of " + layer,
                Optional.of(ArrayTensor.of("weight", Nd4j.zeros(2, 2))));
        return ORIGINAL.replace(layer, 1, FittedLayer.with(span(layer).layers().get(layer), "weight", weight));
    }

    @Test
    void keepsWhatThereIsRoomFor() {
        KeptFits kept = new KeptFits(40);
        CollapsePlan first = fitted(1);
        CollapsePlan second = fitted(2);
        kept.keep(Fit.ridge(), span(1), first);
        kept.keep(Fit.ridge(), span(2), second);
        kept.keep(Fit.ridge(), span(3), fitted(3));
        kept.keep(Fit.ridge(), span(4), span(4));

        assertThat(kept.after(Fit.ridge(), span(1))).containsSame(first);
        assertThat(kept.after(Fit.ridge(), span(2))).containsSame(second);
        assertThat(kept.after(Fit.ridge(), span(3))).as("48 bytes are too many").isEmpty();
        assertThat(kept.after(Fit.ridge(), span(4)))
                .as("a span that no fit made better has no weight to keep")
                .contains(span(4));
    }

    @Test
    void fillsItsRoomToTheLastByte() {
        KeptFits kept = new KeptFits(16);
        CollapsePlan fitted = fitted(1);
        kept.keep(Fit.ridge(), span(1), fitted);

        assertThat(kept.after(Fit.ridge(), span(1))).containsSame(fitted);
    }

    @Test
    void tellsFitsApart() {
        KeptFits kept = new KeptFits(40);
        kept.keep(Fit.ridge(0.1), span(1), fitted(1));

        assertThat(kept.after(Fit.ridge(0.3), span(1))).isEmpty();
    }
}
