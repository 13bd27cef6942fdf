package org.laco.cli.option;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * A number of bytes as people write it: {@code 5GB}, {@code 500 MB}, {@code 2GiB} or {@code 1000000}.
 *
 * @param bytes the number, at least 1
 */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(?:([KMGT])(I)?)?B?");

    /**
     * Reads a size.
     *
     * @param text a number, with a unit or without one
     * @return the size
     * @throws TypeConversionException if it is none
     */
    public static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text.trim().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size, expected one such as 5GB, 500MB or 2GiB");
        }
        int power = matcher.group(2) == null ? 0 : "KMGT".indexOf(matcher.group(2)) + 1;
        BigDecimal unit =
                BigDecimal.valueOf(matcher.group(3) == null ? 1000 : 1024).pow(power);
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(unit);
        if (bytes.compareTo(BigDecimal.ONE) < 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new TypeConversionException("'" + text + "' is no size of a file");
        }
        return new ByteSize(bytes.longValue());
    }
}
