package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;

class PlanReadingTest {
    @TempDir
    Path directory;

    private CollapsePlan read(String content) throws IOException {
        return new PlanJson().read(Files.writeString(directory.resolve("plan.json"), content));
    }

    @Test
    void readsWhatItWrites() throws IOException {
        CollapsePlan plan = CollapsePlan.identity(4).merge(1, 2, MergeRules.mean());
        assertThat(read(new PlanJson().encode(plan).toString())).isEqualTo(plan);
    }

    @Test
    void passesOverAByteOrderMark() throws IOException {
        assertThat(read("\uFEFF{\"originalLayers\": 2, \"layers\": [0, 1]}")).isEqualTo(CollapsePlan.identity(2));
    }

    @Test
    void takesAWholeNumberHoweverItIsWritten() throws IOException {
        assertThat(read("{\"originalLayers\": 2.0, \"layers\": [0, 1.0]}")).isEqualTo(CollapsePlan.identity(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"merge\": [1, 2], \"rul\": \"mean\"} | layers[1] has the unknown key \"rul\", expected merge, rule, norms",
                "{\"merge\": [1, 2], \"rule\": null} | layers[1].rule is null, expected a text such as \"telescoped\"",
                "{\"merge\": [1, 2], \"rule\": 3} | layers[1].rule is 3, expected a text such as \"telescoped\"",
                "{\"merge\": [1, 2], \"norms\": null} | layers[1].norms is null, expected a text such as \"from-base\"",
                "{\"merge\": [1, {\"merge\": [2], \"norm\": \"\"}]} | layers[1].merge[1] has the unknown key \"norm\", expected merge, rule, norms",
                "{\"checkpoint\": \"a\", \"layer\": 1, \"lyer\": 2} | layers[1] has the unknown key \"lyer\", expected checkpoint, layer",
                "{\"refit\": 1, \"tensors\": {}, \"x\": 1} | layers[1] has the unknown key \"x\", expected refit, tensors",
                "{\"refit\": 1, \"tensors\": {\"w\": {\"ridge\": 1, \"errorBefore\": NaN, \"errorAfter\": 0, \"sha256\": \"\"}}} | layers[1].tensors.w is {\"ridge\":1,\"errorBefore\":\"NaN\",\"errorAfter\":0,\"sha256\":\"\"}, expected sha256 and either ridge, errorBefore and errorAfter, or method, tokens, lossBefore and lossAfter",
                "1.5 | layers[1] is 1.5, expected a layer number, or an object with merge, with refit and tensors, or with checkpoint and layer",
                "NaN | layers[1] is NaN, expected a layer number, or an object with merge, with refit and tensors, or with checkpoint and layer",
                "null | layers[1] is null, expected a layer number, or an object with merge, with refit and tensors, or with checkpoint and layer",
            })
    void refusesALayerThatIsNotSaidAsAPlanSaysIt(String layer, String message) {
        assertThatThrownBy(() -> read("{\"originalLayers\": 3, \"layers\": [0, " + layer + "]}"))
                .isInstanceOf(IOException.class)
                .hasMessage(directory.resolve("plan.json") + ": " + message);
    }

    @Test
    void refusesANumberOfLayersThatIsNotWhole() {
        Path file = directory.resolve("plan.json");
        assertThatThrownBy(() -> read("{\"originalLayers\": 12.9, \"layers\": [0]}"))
                .hasMessage(file + ": a plan needs a whole number originalLayers and a list layers");
        assertThatThrownBy(() -> read("{\"originalLayers\": 2, \"layers\": [0], \"layer\": [1]}"))
                .hasMessage(
                        file + ": the plan has the unknown key \"layer\", expected originalLayers, layers, outside");
    }
}
