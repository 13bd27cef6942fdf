package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.merge.MergeRules;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.Provenance;
import org.laco.plan.Training;

class PlanJsonTest {
    private static CollapsePlan plan(Provenance provenance) {
        CollapsePlan merged = CollapsePlan.identity(3).merge(1, 1, MergeRules.keepFirst());
        return merged.replace(
                1,
                0,
                new FittedLayer(
                        merged.layers().get(1),
                        ImmutableMap.of(
                                "mlp.down_proj.weight", new FittedTensor(provenance, "ab12", Optional.empty()))));
    }

    @Test
    void writesAClosedFormAsItEverDid() throws Exception {
        CollapsePlan plan = plan(new ClosedForm("ridge", 0.3, 1, 0.5, 0.25));
        JsonNode encoded = new PlanJson().encode(plan);

        assertThat(encoded).isEqualTo(new ObjectMapper().readTree("""
                                {"originalLayers": 3, "layers": [0, {"refit": {"merge": [1, 2], "rule": "keep-first",
                                "norms": "from-base"}, "tensors": {"mlp.down_proj.weight": {"method": "ridge",
                                "ridge": 0.3, "errorBefore": 0.5, "errorAfter": 0.25, "sha256": "ab12"}}}]}"""));
        assertThat(new PlanJson().decode(encoded)).isEqualTo(plan);
    }

    @Test
    void namesTheStepOfAClosedFormThatDoesNotGoAllTheWay() throws Exception {
        CollapsePlan plan = plan(new ClosedForm("ridge", 10, 0.5, 0.75, 0.625));
        JsonNode encoded = new PlanJson().encode(plan);

        assertThat(encoded.at("/layers/1/tensors/mlp.down_proj.weight").toString())
                .isEqualTo(
                        "{\"method\":\"ridge\",\"ridge\":10.0,\"step\":0.5,\"errorBefore\":0.75,\"errorAfter\":0.625,"
                                + "\"sha256\":\"ab12\"}");
        assertThat(new PlanJson().decode(encoded)).isEqualTo(plan);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.5", "1e999", "\"half\"", "null"})
    void refusesAStepThatIsNone(String step) throws Exception {
        JsonNode node = new ObjectMapper()
                .readTree(
                        "{\"originalLayers\": 2, \"layers\": [{\"refit\": 0, \"tensors\": {\"w\": {\"method\": \"ridge\","
                                + " \"ridge\": 1, \"step\": " + step
                                + ", \"errorBefore\": 1, \"errorAfter\": 0.5, \"sha256\": \"ab\"}}}]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlanJson().decode(node))
                .withMessageStartingWith("layers[0].tensors.w is {")
                .withMessageContaining("expected sha256 and either ridge");
    }

    @Test
    void carriesWeightsThatWereTrained() {
        CollapsePlan plan = plan(new Training("distillation", 40_960, 0.75, 0.5));
        JsonNode encoded = new PlanJson().encode(plan);

        assertThat(encoded.at("/layers/1/tensors/mlp.down_proj.weight").toString())
                .isEqualTo("{\"method\":\"distillation\",\"tokens\":40960,\"lossBefore\":0.75,\"lossAfter\":0.5,"
                        + "\"sha256\":\"ab12\"}");
        assertThat(new PlanJson().decode(encoded)).isEqualTo(plan);
    }

    @Test
    void refusesAFittedWeightOfUnknownOrigin() throws Exception {
        JsonNode node = new ObjectMapper()
                .readTree(
                        "{\"originalLayers\": 2, \"layers\": [{\"refit\": 0, \"tensors\": {\"w\": {\"sha256\": \"ab\"}}}]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlanJson().decode(node))
                .withMessage(
                        "layers[0].tensors.w is {\"sha256\":\"ab\"}, expected sha256 and either ridge, errorBefore and"
                                + " errorAfter, or method, tokens, lossBefore and lossAfter");
    }
}
