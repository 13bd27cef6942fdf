package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ColourMapTest {
    /** The lightness L* of CIE 1976 of an sRGB colour under D65. */
    private static double lightness(int[] channels) {
        double[] weights = {0.2126, 0.7152, 0.0722};
        double y = 0;
        for (int i = 0; i < 3; i++) {
            double c = channels[i] / 255.0;
            y += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
        }
        return y > 216.0 / 24389 ? 116 * Math.cbrt(y) - 16 : y * 24389 / 27;
    }

    @Test
    void growsLighterByEqualSteps() {
        double first = lightness(ColourMap.channels(0));
        double whole = lightness(ColourMap.channels(1)) - first;
        assertThat(whole).isGreaterThan(70);
        for (int i = 1; i <= 40; i++) {
            double share = i / 40.0;
            assertThat(lightness(ColourMap.channels(share)))
                    .isGreaterThan(lightness(ColourMap.channels(share - 1 / 40.0)))
                    .isCloseTo(first + share * whole, within(3.0));
        }
    }

    @Test
    void hasTheColourOfTheEndBeyondIt() {
        assertThat(ColourMap.colour(-3)).isEqualTo(ColourMap.colour(0)).isEqualTo("#440154");
        assertThat(ColourMap.colour(7)).isEqualTo(ColourMap.colour(1)).isEqualTo("#fde725");
    }

    @Test
    void hasLettersThatStandOut() {
        for (int i = 0; i <= 100; i++) {
            double letters = ColourMap.letters(i / 100.0).equals("#ffffff") ? 100 : 6;
            assertThat(Math.abs(lightness(ColourMap.channels(i / 100.0)) - letters))
                    .as("difference in lightness at %s", i)
                    .isGreaterThan(38);
        }
    }
}
