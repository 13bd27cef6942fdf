package org.laco.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.laco.io.file.SmallFile;

/**
 * What stands in YAML between two lines of three dashes at the beginning of a model card, where the hub reads licence and languages from.
 */
final class FrontMatter {
    private static final Pattern BLOCK = Pattern.compile("\\A---\\R(.*?)^---\\s*$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final int MAX_BYTES = 4_000_000;

    private final YAMLMapper mapper = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();
    private final ObjectNode content;

    private FrontMatter(ObjectNode content) {
        this.content = content;
    }

    /** Starts with nothing. */
    static FrontMatter empty() {
        return new FrontMatter(new YAMLMapper().createObjectNode());
    }

    /** Reads that of a card; nothing if the card has none, or one that is no YAML, as the card is somebody else's and only carried along. */
    static FrontMatter read(Path card) throws IOException {
        FrontMatter none = empty();
        Matcher block = BLOCK.matcher(SmallFile.read(card, MAX_BYTES).text());
        if (!block.find()) {
            return none;
        }
        try {
            return none.mapper.readTree(block.group(1)) instanceof ObjectNode object ? new FrontMatter(object) : none;
        } catch (JsonProcessingException e) {
            return none;
        }
    }

    /** The value of a key, a missing node if it isn't there. */
    JsonNode get(String key) {
        return content.path(key);
    }

    /** This with one value more, unless that is missing. */
    FrontMatter with(String key, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return this;
        }
        ObjectNode more = content.deepCopy();
        more.set(key, value);
        return new FrontMatter(more);
    }

    /** The block with the lines around it, empty if there is nothing in it. */
    String encode() throws IOException {
        return content.isEmpty()
                ? ""
                : "---\n" + mapper.writeValueAsString(content).replace("\r\n", "\n") + "---\n\n";
    }
}
