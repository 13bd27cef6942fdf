package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.model.family.Families;

/** Holds the site's table of models against the families and what is known of their checks. */
class ModelsPageTest {
    private static final Path PAGE = Path.of("../src/site/markdown/models.md");

    /** Models that were really run; the figures stand on pages of the site. */
    private static final ImmutableSet<String> RUN =
            ImmutableSet.of("HuggingFaceTB/SmolLM2-135M", "google/gemma-3-270m");

    /** One row of the table. */
    private record Row(String model, String type, String languageModel, String opens, String checked) {}

    private static ImmutableList<Row> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| ") && line.contains("/"))
                .map(line -> Splitter.on('|').trimResults().splitToList(line.replace("`", "")))
                .map(cells -> new Row(cells.get(1), cells.get(2), cells.get(3), cells.get(4), cells.get(5)))
                .collect(ImmutableList.toImmutableList());
    }

    @Test
    void listsFortyModelsOnceEach() throws IOException {
        assertThat(rows()).extracting(Row::model).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void saysOfEveryModelThatOpensHowItsTypeIsChecked() throws IOException {
        CheckedTypes checked = CheckedTypes.read();
        assertThat(rows())
                .filteredOn(row -> row.opens().equals("yes"))
                .hasSizeGreaterThan(30)
                .allSatisfy(row -> {
                    assertThat(Families.of(row.languageModel()).modelTypes()).contains(row.languageModel());
                    assertThat(row.checked()).as(row.model()).isEqualTo(expected(row, checked));
                });
    }

    private static String expected(Row row, CheckedTypes checked) {
        if (RUN.contains(row.model())) {
            return "the model itself";
        }
        return checked.byType().containsKey(row.languageModel()) ? "its type" : "not checked";
    }

    @Test
    void saysWhyAModelDoesNotOpen() throws IOException {
        List<Row> refused =
                rows().stream().filter(row -> !row.opens().equals("yes")).toList();
        assertThat(refused).isNotEmpty().allSatisfy(row -> {
            assertThat(row.opens()).startsWith("no: ");
            assertThat(row.languageModel()).isEmpty();
            assertThat(row.checked()).isEqualTo("–");
        });
    }
}
