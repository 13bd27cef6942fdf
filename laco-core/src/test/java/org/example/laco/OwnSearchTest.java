package org.example.laco;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.Target;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseStep;
import org.laco.search.Found;
import org.laco.search.Search;
import org.laco.search.SearchContext;
import org.laco.search.SearchLog;
import org.laco.stack.Calibration;
import org.laco.stack.ToyStack;
import org.nd4j.linalg.factory.Nd4j;

/** A search of one's own is one class: no list, no registration. */
class OwnSearchTest {
    private static final Calibration CALIBRATION =
            Calibration.ofFeatures(Nd4j.createFromArray(new float[][] {{1, 0}, {0.5f, 2}, {-1, 1}}));

    /** Merges every second layer into the one below it, from the top down, until the target is met. */
    private record EverySecond() implements Search {
        @Override
        public String name() {
            return "every-second";
        }

        @Override
        public ImmutableMap<String, Object> parameters() {
            return ImmutableMap.of("from", "top");
        }

        @Override
        public boolean needsTarget() {
            return true;
        }

        @Override
        public void check(int layers) {}

        @Override
        public Found search(SearchContext context, SearchLog log) {
            for (int layer = context.layerCount() - 2; log.current().size() > context.target(); layer -= 2) {
                CollapsePlan candidate = context.merges(log.current(), layer, 1).get(0);
                Score score = context.scores().of(candidate);
                log.accept(candidate, layer, 1, score);
            }
            return Found.merged(log.current());
        }
    }

    @Test
    void isRecordedAndAppliedLikeAnyOther() {
        CollapseResult result = LayerCollapse.builder()
                .search(new EverySecond())
                .target(Target.layers(6))
                .calibration(CALIBRATION)
                .build()
                .apply(ToyStack.ofLayers(8));

        assertThat(result.plan().sources().toString()).isEqualTo("[[0], [1], [2], [3], [4, 5], [6, 7]]");
        assertThat(result.steps()).extracting(CollapseStep::layer).containsExactly(6, 4);
        assertThat(result.steps().get(1).score().orElseThrow().value()).isEqualTo(result.similarity());
        assertThat(result.settings().search()).isEqualTo("every-second");
        assertThat(result.settings().parameters()).containsEntry("from", "top").containsEntry("targetLayers", 6);
    }
}
