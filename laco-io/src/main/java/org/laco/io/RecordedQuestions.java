package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.ChoiceItem;
import org.laco.stack.Calibration;

/** The questions in a record by whose answers the search was judged: its sequences, and how its settings divide them. */
final class RecordedQuestions {
    private static final String OBJECTIVE = "objective";

    private final JsonNode settings;

    private RecordedQuestions(JsonNode settings) {
        this.settings = settings;
    }

    /** Returns whether the search of a record was judged by answers. */
    static boolean areIn(JsonNode record) {
        return record.path("settings").path(OBJECTIVE).asText().equals(AnswerCheck.NAME);
    }

    /**
     * Reads the questions.
     *
     * @throws IllegalArgumentException if the settings don't divide the sequences
     */
    static ChoiceAccuracy read(JsonNode record, Calibration sequences) {
        return new RecordedQuestions(record.path("settings")).divide(sequences);
    }

    private ChoiceAccuracy divide(Calibration sequences) {
        List<Integer> choices = numbers("questionChoices");
        List<Integer> contexts = numbers("questionContexts");
        List<Integer> answers = numbers("questionAnswers");
        checkArgument(
                choices.size() == contexts.size()
                        && choices.size() == answers.size()
                        && choices.stream().mapToInt(Integer::intValue).sum()
                                == sequences.layout().count(),
                "the record's questions are not those of its sequences");
        List<ChoiceItem> items = new ArrayList<>();
        int sequence = 0;
        for (int i = 0; i < choices.size(); i++) {
            items.add(item(sequences, sequence, choices.get(i), contexts.get(i), answers.get(i)));
            sequence += choices.get(i);
        }
        return ChoiceAccuracy.of(items);
    }

    private static ChoiceItem item(Calibration sequences, int first, int choices, int context, int answer) {
        ImmutableList.Builder<ImmutableIntArray> each = ImmutableList.builder();
        ImmutableIntArray before = ImmutableIntArray.of();
        for (int i = 0; i < choices; i++) {
            ImmutableIntArray whole = ImmutableIntArray.copyOf(sequences.tokens(first + i));
            checkArgument(context < whole.length(), "a context in the record is longer than its sequence");
            before = whole.subArray(0, context);
            each.add(whole.subArray(context, whole.length()));
        }
        return new ChoiceItem(before, each.build(), ImmutableList.of(), answer, "");
    }

    private List<Integer> numbers(String name) {
        return Splitter.on(' ').splitToList(settings.path(name).asText()).stream()
                .map(RecordedQuestions::number)
                .toList();
    }

    private static int number(String text) {
        checkArgument(
                text.matches("\\d{1,9}"), "the record says \"%s\" of a question where a number was expected", text);
        return Integer.parseInt(text);
    }
}
