package org.laco.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Utf8;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at a {@code tokenizer.json} before the native library does, which ends the process where it meets what it didn't expect: a value
 * that is no JSON, a pattern that backtracks without end, a rule that doubles the text forty times.
 *
 * <p>Read once as a stream, so that a vocabulary of any size takes no memory; what describes how texts are changed and divided is held
 * and looked at in full. What passes here may still be refused by the library, in words.
 */
final class TokenizerCheck {
    /** As deep as the library's own reader goes, halved. */
    private static final int MAX_DEPTH = 64;

    /** How long a text may become for each of its characters. */
    private static final int MAX_GROWTH = 64;

    private static final int MAX_PART_BYTES = 8_000_000;
    private static final int MAX_TEXT = 8_000_000;
    private static final int MAX_PIECES = 256;
    private static final String ADDED_TOKENS = "added_tokens";

    private static final ImmutableMap<String, ImmutableSet<String>> TYPES = ImmutableMap.of(
            "normalizer",
                    ImmutableSet.of(
                            "BertNormalizer",
                            "ByteLevel",
                            "Lowercase",
                            "NFC",
                            "NFD",
                            "NFKC",
                            "NFKD",
                            "Nmt",
                            "Precompiled",
                            "Prepend",
                            "Replace",
                            "Sequence",
                            "Strip",
                            "StripAccents"),
            "pre_tokenizer",
                    ImmutableSet.of(
                            "BertPreTokenizer",
                            "ByteLevel",
                            "CharDelimiterSplit",
                            "Delimiter",
                            "Digits",
                            "FixedLength",
                            "Metaspace",
                            "Punctuation",
                            "Sequence",
                            "Split",
                            "UnicodeScripts",
                            "Whitespace",
                            "WhitespaceSplit"),
            "post_processor",
                    ImmutableSet.of(
                            "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"),
            "decoder",
                    ImmutableSet.of(
                            "BPEDecoder",
                            "ByteFallback",
                            "ByteLevel",
                            "CTC",
                            "Fuse",
                            "Metaspace",
                            "Replace",
                            "Sequence",
                            "Strip",
                            "WordPiece"));

    private final JsonMapper mapper = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();
    private final Path file;
    private final List<TokenizerPattern> patterns = new ArrayList<>();

    private TokenizerCheck(Path file) {
        this.file = file;
    }

    /**
     * Checks a file.
     *
     * @return the patterns that texts will be matched with
     * @throws IOException if something is wrong with it; the message names the file and the place
     */
    static List<TokenizerPattern> patterns(byte[] content, Path file) throws IOException {
        if (!Utf8.isWellFormed(content)) {
            throw new IOException(file + ": not valid UTF-8");
        }
        TokenizerCheck check = new TokenizerCheck(file);
        Map<String, JsonScan.Range> values = JsonScan.object(content, file, MAX_DEPTH, MAX_TEXT);
        for (Map.Entry<String, JsonScan.Range> value : values.entrySet()) {
            if (TYPES.containsKey(value.getKey())) {
                check.part(value.getKey(), content, value.getValue());
            }
            if (value.getKey().equals("model")) {
                Optional<String> objection = TokenizerMerges.objection(content, value.getValue());
                if (objection.isPresent()) {
                    throw check.refused("model", objection.get());
                }
            }
        }
        check.addedTokens(content, values);
        return check.patterns;
    }

    /** Looks at the added tokens, once the normalizer is known to do no harm. */
    private void addedTokens(byte[] content, Map<String, JsonScan.Range> values) throws IOException {
        if (!values.containsKey(ADDED_TOKENS)) {
            return;
        }
        Optional<String> normalizer = Optional.ofNullable(values.get("normalizer"))
                .map(range -> new String(content, range.start(), range.end() - range.start(), StandardCharsets.UTF_8));
        Optional<String> objection;
        try {
            objection = AddedTokens.of(content, values.get(ADDED_TOKENS), normalizer)
                    .objection();
        } catch (JsonProcessingException e) {
            throw refused(ADDED_TOKENS, "has a key twice");
        } catch (RuntimeException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (objection.isPresent()) {
            throw new IOException(file + ": " + ADDED_TOKENS + objection.get());
        }
    }

    private IOException refused(String what, String problem) {
        return new IOException(file + ": " + what + " " + problem);
    }

    private void part(String key, byte[] content, JsonScan.Range range) throws IOException {
        int length = range.end() - range.start();
        if (length > MAX_PART_BYTES) {
            throw refused(key, "has " + length + " bytes, expected at most " + MAX_PART_BYTES);
        }
        JsonNode node;
        try {
            node = mapper.readTree(content, range.start(), length);
        } catch (JsonProcessingException e) {
            // The scan has let everything pass but a key that is there twice.
            throw refused(key, "has a key twice");
        }
        if (!node.isNull() && growth(key, node) > MAX_GROWTH) {
            throw refused(key, "makes texts more than " + MAX_GROWTH + " times longer, which no tokenizer needs");
        }
    }

    /** Returns how many times longer a part can make a text, and looks at its patterns. */
    private double growth(String key, JsonNode node) throws IOException {
        String type = node.path("type").asText();
        if (!TYPES.get(key).contains(type)) {
            throw refused(key, "has the type '" + type + "', expected one of " + String.join(", ", TYPES.get(key)));
        }
        double growth = 1;
        switch (type) {
            case "Sequence" -> {
                int count = 0;
                for (String list : new String[] {"normalizers", "pretokenizers", "processors", "decoders"}) {
                    for (JsonNode element : node.path(list)) {
                        growth *= growth(key, element);
                        count++;
                    }
                }
                if (count > MAX_PIECES) {
                    throw refused(key, "has a sequence of " + count + " parts, expected at most " + MAX_PIECES);
                }
            }
            case "Replace" -> {
                pattern(key, node.path("pattern"));
                // A pattern may match nothing, between any two characters.
                growth = Math.max(1, node.path("content").asText().length())
                        + (node.path("pattern").has("Regex") ? 1 : 0);
            }
            case "Precompiled" -> growth = precompiled(key, node.path("precompiled_charsmap"));
            case "Split" -> pattern(key, node.path("pattern"));
            case "Strip" -> {
                // The library takes characters off a token's end that it has none of, or has taken off its beginning.
                if (key.equals("decoder") && node.path("stop").asLong() != 0) {
                    throw refused(key, "strips the ends of tokens, which the library can't do with an empty one");
                }
            }
            case "Prepend" -> growth = 1 + node.path("prepend").asText().length() / (double) MAX_GROWTH;
            case "FixedLength" -> {
                if (node.has("length") && node.get("length").asLong() < 1) {
                    throw refused(key, "divides texts into parts of length " + node.get("length"));
                }
            }
            case "TemplateProcessing" -> growth = template(key, node);
            default -> {}
        }
        return growth;
    }

    private double precompiled(String key, JsonNode table) throws IOException {
        if (!table.isTextual()) {
            throw refused(key, "has no precompiled_charsmap, which is a table in Base64");
        }
        PrecompiledTable.Finding finding = PrecompiledTable.check(table.textValue());
        if (finding.objection().isPresent()) {
            throw refused(
                    key,
                    "has a precompiled_charsmap which " + finding.objection().get());
        }
        return finding.growth();
    }

    private void pattern(String key, JsonNode pattern) throws IOException {
        if (pattern.path("String").isTextual()
                && pattern.get("String").textValue().isEmpty()) {
            throw refused(key, "has an empty pattern, which is found without end");
        }
        if (pattern.path("Regex").isTextual()) {
            String regex = pattern.get("Regex").textValue();
            TokenizerPattern read = TokenizerPattern.of(regex);
            if (read.objection().isPresent()) {
                throw refused(
                        key,
                        "has the pattern '" + shortened(regex) + "', which "
                                + read.objection().get() + " and isn't used: give token ids instead of text");
            }
            patterns.add(read);
        }
    }

    private static String shortened(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    /** A template puts special tokens beside the text, and might repeat the text itself. */
    private double template(String key, JsonNode node) throws IOException {
        int most = 1;
        for (String list : new String[] {"single", "pair"}) {
            int repeated = 0;
            int others = 0;
            for (JsonNode piece : node.path(list)) {
                if (piece.has("Sequence")) {
                    if (list.equals("single")
                            && !piece.path("Sequence").path("id").asText().equals("A")) {
                        throw refused(key, "has a second text in its template for one");
                    }
                    repeated++;
                } else {
                    String id = piece.path("SpecialToken").path("id").asText();
                    JsonNode special = node.path("special_tokens").path(id);
                    if (special.isMissingNode()) {
                        throw refused(
                                key, "puts '" + shortened(id) + "' beside a text, which is none of its special_tokens");
                    }
                    others += Math.max(1, special.path("ids").size());
                }
            }
            if (others > MAX_PIECES) {
                throw refused(key, "puts " + others + " special tokens beside a text, expected at most " + MAX_PIECES);
            }
            most = Math.max(most, list.equals("pair") ? repeated - 1 : repeated);
        }
        return most;
    }
}
