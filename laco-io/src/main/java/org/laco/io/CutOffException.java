package org.laco.io;

import java.io.IOException;
import org.laco.base.Internal;

/** Says that something to the same place was cut off and can be gone on with, so that it isn't begun anew by accident. */
@Internal
public final class CutOffException extends IOException {
    private static final long serialVersionUID = 1L;

    CutOffException(String message) {
        super(message);
    }
}
