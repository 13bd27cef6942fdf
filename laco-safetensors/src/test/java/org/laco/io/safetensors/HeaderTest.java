package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaderTest {
    private static final int[] FOUR = {0, 0, 0, 0};

    @TempDir
    Path directory;

    private void refuses(byte[] bytes, String message) throws IOException {
        Path file = RawFile.write(directory.resolve("a.safetensors"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(file + ": " + message);
    }

    private void refuses(String header, int[] data, String message) throws IOException {
        refuses(RawFile.of(header, data), message);
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    @Test
    void refusesAFileTooShortForALength() throws IOException {
        refuses(new byte[0], "the file has 0 bytes, expected at least 8 for the length of the header");
        refuses(new byte[7], "the file has 7 bytes, expected at least 8 for the length of the header");
    }

    @Test
    void refusesAHeaderLongerThanTheFile() throws IOException {
        refuses(
                new byte[] {11, 0, 0, 0, 0, 0, 0, 0, '{', '}'},
                "bytes 0 to 8 announce a header of 11 bytes, expected at most 2, which is what follows them");
    }

    @Test
    void refusesAHeaderLongerThanTheFormatAllows() throws IOException {
        refuses(
                RawFile.length(100_000_001),
                "bytes 0 to 8 announce a header of 100000001 bytes, expected at most 100000000");
        refuses(
                RawFile.length(-1),
                "bytes 0 to 8 announce a header of 18446744073709551615 bytes, expected at most 100000000");
    }

    @Test
    void refusesAHeaderThatIsNoObject() throws IOException {
        refuses("", new int[0], "the header, bytes 8 to 8, does not start with {");
        refuses(" \n\t\r", new int[0], "the header, bytes 8 to 12, does not start with {");
        refuses("\u000b{}", new int[0], "the header, bytes 8 to 11, does not start with {");
        refuses("[]", new int[0], "the header, bytes 8 to 10, does not start with {");
        refuses(
                RawFile.of("\uFEFF{}".getBytes(StandardCharsets.UTF_8)),
                "the header, bytes 8 to 13, does not start with {");
    }

    @Test
    void showsTheBeginningOfALongName() {
        Path file = directory.resolve("a.safetensors");
        byte[] bytes = RawFile.of(tensor('"' + "F".repeat(1_000_000) + '"', "[1]", "[0,4]"), FOUR);
        assertThatThrownBy(() -> SafetensorsFile.open(RawFile.write(file, bytes)))
                .hasMessageStartingWith(file + ": tensor 'a' has the dtype 'FFF")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }

    @Test
    void takesMetadataOfNullForNone() throws IOException {
        String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        assertReads("{\"__metadata__\":null," + entry + "}");
        assertReads("{" + entry + ",\"__metadata__\":null}");
    }

    @Test
    void passesOverTheSpaceOfJsonAroundTheObject() throws IOException {
        assertReads("\n\t\r {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}\n\t\r ");
    }

    private void assertReads(String header) throws IOException {
        Path file = RawFile.write(directory.resolve("model.safetensors"), RawFile.of(header, FOUR));
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.names()).containsExactly("a");
            assertThat(opened.metadata()).isEmpty();
        }
    }

    @Test
    void saysThatAPointerIsNotTheFile() throws IOException {
        refuses(
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n".getBytes(StandardCharsets.UTF_8),
                "the file is a Git LFS pointer in place of the weights: fetch them, as by git lfs pull");
    }

    @Test
    void refusesBytesThatAreNotUtf8() throws IOException {
        refuses(
                RawFile.of(new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', '}'}),
                "the header, bytes 8 to 14, is not valid UTF-8");
        refuses(RawFile.of("{}".getBytes(StandardCharsets.UTF_16)), "the header, bytes 8 to 14, is not valid UTF-8");
    }

    @Test
    void refusesHalfOfASurrogatePair() throws IOException {
        refuses("{\"\\ud800\":1}", FOUR, "the header, bytes 8 to 20, is not valid JSON at character 8");
        refuses(
                "{\"__metadata__\":{\"a\":\"\\udc00\"}}",
                FOUR,
                "the header has a text with half of a surrogate pair in it");
    }

    @Test
    void refusesBrokenJson() throws IOException {
        refuses("{\"a\":", FOUR, "the header, bytes 8 to 13, is not valid JSON at character 5");
        refuses("{'a':1}", FOUR, "the header, bytes 8 to 15, is not valid JSON at character 1");
        refuses(
                "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}",
                FOUR,
                "tensor 'a' is a list, expected an object with dtype, shape and data_offsets");
        refuses(
                "{\"a\":{\"x\":" + "[".repeat(2000) + "]".repeat(2000) + "}}",
                FOUR,
                "the header, bytes 8 to 4020, is not valid JSON at character 1009");
    }

    @Test
    void refusesTextAfterTheObject() throws IOException {
        refuses("{}{}", FOUR, "the header goes on after its JSON object, expected only spaces there");
        refuses("{} x", FOUR, "the header, bytes 8 to 12, is not valid JSON at character 3");
    }

    @Test
    void refusesNamesThatAreNotUniqueOrEmpty() throws IOException {
        String entry = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        refuses("{\"a\":" + entry + ",\"a\":" + entry + "}", FOUR, "the header has two entries named 'a'");
        refuses("{\"a\":" + entry + ",\"\\u0061\":" + entry + "}", FOUR, "the header has two entries named 'a'");
        refuses("{\"\":" + entry + "}", FOUR, "the header has a tensor with an empty name");
    }

    @Test
    void refusesMetadataThatIsNoMapOfStrings() throws IOException {
        refuses("{\"__metadata__\":7}", FOUR, "__metadata__ is 7, expected an object of strings");
        refuses("{\"__metadata__\":{\"a\":null}}", FOUR, "__metadata__ has null under 'a', expected a string");
        refuses("{\"__metadata__\":{\"a\":1}}", FOUR, "__metadata__ has 1 under 'a', expected a string");
        refuses("{\"__metadata__\":{\"a\":{}}}", FOUR, "__metadata__ has an object under 'a', expected a string");
        refuses("{\"__metadata__\":{\"a\":\"x\",\"a\":\"x\"}}", FOUR, "__metadata__ has the key 'a' twice");
        refuses("{\"__metadata__\":{},\"__metadata__\":{}}", FOUR, "the header has two entries named __metadata__");
        refuses("{\"__metadata__\":null,\"__metadata__\":null}", FOUR, "the header has two entries named __metadata__");
    }

    @Test
    void refusesATensorThatIsNoObject() throws IOException {
        refuses("{\"a\":7}", FOUR, "tensor 'a' is 7, expected an object with dtype, shape and data_offsets");
        refuses("{\"a\":\"F32\"}", FOUR, "tensor 'a' is 'F32', expected an object with dtype, shape and data_offsets");
    }

    @Test
    void refusesATensorWithMissingOrRepeatedKeys() throws IOException {
        refuses("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", FOUR, "tensor 'a' has no dtype");
        refuses("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", FOUR, "tensor 'a' has no shape");
        refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", FOUR, "tensor 'a' has no data_offsets");
        refuses("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", FOUR, "tensor 'a' has the key 'dtype' twice");
        refuses("{\"a\":{\"x\":1,\"x\":1}}", FOUR, "tensor 'a' has the key 'x' twice");
    }

    @Test
    void refusesAnUnknownDtype() throws IOException {
        String known = "BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16,"
                + " U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64";
        refuses(tensor("\"F13\"", "[1]", "[0,4]"), FOUR, "tensor 'a' has the dtype 'F13', expected one of " + known);
        refuses(tensor("32", "[1]", "[0,4]"), FOUR, "tensor 'a' has the dtype 32, expected one of " + known);
        refuses(tensor("null", "[1]", "[0,4]"), FOUR, "tensor 'a' has the dtype null, expected one of " + known);
    }

    @Test
    void refusesShapesThatAreNoListOfNaturalNumbers() throws IOException {
        String expected = ", expected integers from 0 to 9223372036854775807";
        refuses(tensor("\"F32\"", "[-1]", "[0,4]"), FOUR, "tensor 'a' has -1 in its shape" + expected);
        refuses(tensor("\"F32\"", "[1.0]", "[0,4]"), FOUR, "tensor 'a' has 1.0 in its shape" + expected);
        refuses(tensor("\"F32\"", "[\"1\"]", "[0,4]"), FOUR, "tensor 'a' has '1' in its shape" + expected);
        refuses(tensor("\"F32\"", "[[1]]", "[0,4]"), FOUR, "tensor 'a' has a list in its shape" + expected);
        refuses(
                tensor("\"F32\"", "[9223372036854775808]", "[0,4]"),
                FOUR,
                "tensor 'a' has 9223372036854775808 in its shape" + expected);
        refuses(tensor("\"F32\"", "1", "[0,4]"), FOUR, "tensor 'a' has the shape 1, expected a list of integers");
    }

    @Test
    void refusesShapesWhoseSizeOverflows() throws IOException {
        refuses(
                tensor("\"F32\"", "[4294967296,4294967296]", "[0,4]"),
                FOUR,
                "tensor 'a' of dtype F32 has the shape [4294967296, 4294967296], which is not a countable number of whole"
                        + " bytes");
        refuses(
                tensor("\"F64\"", "[4611686018427387904]", "[0,4]"),
                FOUR,
                "tensor 'a' of dtype F64 has the shape [4611686018427387904], which is not a countable number of whole"
                        + " bytes");
    }

    @Test
    void refusesSmallFloatsThatEndInsideAByte() throws IOException {
        refuses(
                tensor("\"F4\"", "[3]", "[0,4]"),
                FOUR,
                "tensor 'a' of dtype F4 has the shape [3], which is not a countable number of whole bytes");
    }

    @Test
    void refusesOffsetsThatAreNoPair() throws IOException {
        refuses(
                tensor("\"F32\"", "[1]", "[0]"),
                FOUR,
                "tensor 'a' has the data_offsets [0], expected a begin and an end");
        refuses(
                tensor("\"F32\"", "[1]", "[0,4,4]"),
                FOUR,
                "tensor 'a' has the data_offsets [0, 4, 4], expected a begin and an end");
        refuses(
                tensor("\"F32\"", "[1]", "[-4,0]"),
                FOUR,
                "tensor 'a' has -4 in its data_offsets, expected integers from 0 to 9223372036854775807");
        refuses(
                tensor("\"F32\"", "[1]", "{}"),
                FOUR,
                "tensor 'a' has the data_offsets an object, expected a list of integers");
    }

    @Test
    void refusesOffsetsOutOfRange() throws IOException {
        refuses(
                tensor("\"F32\"", "[1]", "[4,0]"),
                FOUR,
                "tensor 'a' has the data_offsets [4, 0], expected the begin not to come after the end");
        refuses(
                tensor("\"F32\"", "[2]", "[0,8]"),
                FOUR,
                "tensor 'a' has the data_offsets [0, 8], expected an end of at most 4, the size of the data");
        refuses(
                tensor("\"F32\"", "[1]", "[9223372036854775803,9223372036854775807]"),
                FOUR,
                "tensor 'a' has the data_offsets [9223372036854775803, 9223372036854775807], expected an end of at most 4,"
                        + " the size of the data");
    }

    @Test
    void refusesOffsetsThatDisagreeWithTheShape() throws IOException {
        refuses(
                tensor("\"BF16\"", "[1]", "[0,4]"),
                FOUR,
                "tensor 'a' has the data_offsets [0, 4], which hold 4 bytes, expected 2 for dtype BF16 and shape [1]");
        refuses(
                tensor("\"F32\"", "[0]", "[0,4]"),
                FOUR,
                "tensor 'a' has the data_offsets [0, 4], which hold 4 bytes, expected 0 for dtype F32 and shape [0]");
    }

    @Test
    void refusesTensorsThatOverlap() throws IOException {
        refuses(
                "{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]},"
                        + "\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
                FOUR,
                "tensors 'a' and 'b' overlap, their data_offsets are [0, 3] and [2, 4]");
        refuses(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]}}",
                FOUR,
                "tensors 'a' and 'e' overlap, their data_offsets are [0, 4] and [2, 2]");
    }

    @Test
    void refusesBytesThatBelongToNoTensor() throws IOException {
        refuses(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
                FOUR,
                "bytes 1 to 2 of the data belong to no tensor, expected 'b' to begin at 1");
        refuses(
                tensor("\"U8\"", "[3]", "[1,4]"),
                FOUR,
                "bytes 0 to 1 of the data belong to no tensor, expected 'a' to begin at 0");
        refuses(
                tensor("\"U8\"", "[3]", "[0,3]"),
                FOUR,
                "bytes 3 to 4 of the data belong to no tensor, expected the file to end there");
        refuses("{}", FOUR, "bytes 0 to 4 of the data belong to no tensor, expected the file to end there");
    }
}
