package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.array.FileTensors;
import org.laco.measure.FinalHiddenStates;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.TensorArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model of a configuration and arrays that no file has: collapsed, written, and taken over as arrays. */
class ModelInMemoryTest {
    private static final Calibration CALIBRATION = Calibration.ofTokens(new int[] {1, 2, 3, 4}, new int[] {5, 6, 7});

    @TempDir
    Path directory;

    private ModelConfig config;
    private ImmutableMap<String, INDArray> arrays;
    private CausalModel model;

    @BeforeEach
    void readAllArrays() throws IOException {
        Path fixture = Fixture.root().resolve("llama/model");
        config = ConfigFile.read(fixture.resolve(ConfigFile.NAME)).config();
        try (FileTensors tensors = FileTensors.open(fixture)) {
            arrays = TensorArrays.of(tensors).load();
        }
        model = CausalModel.of(config, InMemoryTensors.of(arrays));
    }

    @AfterEach
    void close() {
        model.close();
        arrays.values().forEach(INDArray::close);
    }

    private CollapseResult merged() {
        return LayerCollapse.builder()
                .rule(MergeRules.mean())
                .calibration(CALIBRATION)
                .build()
                .merge(model, 1, 1);
    }

    @Test
    void isWrittenAndOpenedWithTheSameHiddenStates() throws IOException {
        CollapseResult result = merged();
        Path target = directory.resolve("collapsed");

        CheckpointWriter.builder().build().write(result, target);

        try (HfCheckpoint written = HfCheckpoint.open(target);
                INDArray there = FinalHiddenStates.of(written.model(), CALIBRATION);
                INDArray here = FinalHiddenStates.of(result.model(), CALIBRATION)) {
            assertThat(there).isEqualTo(here);
            assertThat(written.model().layerCount()).isEqualTo(model.layerCount() - 1);
            assertThat(written.config().integer("num_hidden_layers")).isEqualTo(model.layerCount() - 1);
            assertThat(written.hasTokenizer()).isFalse();
        }
        assertThat(Files.exists(target.resolve(CollapseRecord.FILE_NAME))).isTrue();
    }

    @Test
    void givesItsCollapsedWeightsAsTheFileHasThem() throws IOException {
        CollapseResult result = merged();
        Path target = directory.resolve("collapsed");
        CheckpointWriter.builder().build().write(result, target);

        try (FileTensors written = FileTensors.open(target)) {
            assertThat(result.arrays().names()).isEqualTo(written.names());
            result.arrays().forEach((name, array) -> {
                try (INDArray there = written.tensor(name).loadStored()) {
                    assertThat(array).as(name).isEqualTo(there);
                    assertThat(array.dataType()).as(name).isEqualTo(there.dataType());
                }
            });
        }
    }

    @Test
    void isMadeAnewOfItsCollapsedWeights() {
        CollapseResult result = merged();
        Map<String, INDArray> weights = result.arrays().load();
        try (CausalModel anew = CausalModel.of(((CausalModel) result.model()).config(), InMemoryTensors.of(weights));
                INDArray there = FinalHiddenStates.of(anew, CALIBRATION);
                INDArray here = FinalHiddenStates.of(result.model(), CALIBRATION)) {
            assertThat(there).isEqualTo(here);
        } finally {
            weights.values().forEach(INDArray::close);
        }
    }

    @Test
    void closesEachArrayBeforeItMakesTheNext() {
        INDArray[] before = new INDArray[1];
        merged().arrays().forEach((name, array) -> {
            assertThat(before[0] == null || before[0].wasClosed()).isTrue();
            before[0] = array;
        });
        assertThat(before[0].wasClosed()).isTrue();
        assertThat(arrays.values()).noneMatch(INDArray::wasClosed);
    }

    @Test
    void readsALargeWeightInBlocksOfRows() {
        TensorArrays weights = merged().arrays();
        String name = "model.layers.1.mlp.up_proj.weight";
        try (INDArray whole = weights.array(name);
                INDArray rows = whole.getRows(2, 3).dup('c');
                INDArray block = rows.like()) {
            weights.stored(name).copyRows(2, block);
            assertThat(block).isEqualTo(rows);
        }
    }

    @Test
    void isRefusedAsAFileIfItIsNoLanguageModel() {
        ForwardingStack wrapped = new ForwardingStack(model) {};
        CollapseResult result =
                LayerCollapse.builder().calibration(CALIBRATION).build().merge(wrapped, 1, 1);

        assertThatThrownBy(() -> CheckpointWriter.builder().build().write(result, directory.resolve("collapsed")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("expected a CausalModel: arrays() gives the weights of any other stack");
        assertThat(result.arrays().names())
                .contains("layers.0.mlp.up_proj.weight")
                .noneMatch(name -> name.startsWith("layers." + (model.layerCount() - 1) + "."));
        try (INDArray base = arrays.get("model.layers.0.mlp.up_proj.weight").dup();
                INDArray kept = result.arrays().array("layers.0.mlp.up_proj.weight")) {
            assertThat(kept).isEqualTo(base);
            assertThat(Arrays.equals(kept.shape(), base.shape())).isTrue();
        }
    }
}
