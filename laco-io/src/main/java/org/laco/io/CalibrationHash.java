package org.laco.io;

import com.google.common.hash.Hashing;
import com.google.common.primitives.Ints;
import java.nio.charset.StandardCharsets;
import org.laco.stack.Calibration;

/** The SHA-256 of calibration sequences, of their token ids in decimal, separated by spaces, a sequence a line. */
final class CalibrationHash {
    private CalibrationHash() {}

    static String of(Calibration calibration) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < calibration.layout().count(); i++) {
            text.append(Ints.join(" ", calibration.tokens(i))).append('\n');
        }
        return Hashing.sha256().hashString(text, StandardCharsets.US_ASCII).toString();
    }
}
