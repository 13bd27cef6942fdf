package org.laco.sweep;

import java.time.Duration;

/**
 * What it took to make a point, without measuring it.
 *
 * @param searching the search and the fits, without what a search before had measured already
 * @param training the training
 * @param trainedTokens how many tokens it was trained on
 */
record Effort(Duration searching, Duration training, long trainedTokens) {
    static final Effort NONE = searched(Duration.ZERO);

    static Effort searched(Duration searching) {
        return new Effort(searching, Duration.ZERO, 0);
    }
}
