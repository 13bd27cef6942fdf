package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LikeliestTest {
    @Test
    void takesTheFirstOfEqualsAtTheBound() {
        assertThat(Likeliest.of(new float[] {1, 3, 2, 2, 5, 2}, 3)).containsExactly(1, 2, 4);
        assertThat(Likeliest.of(new float[] {7, 7, 7}, 2)).containsExactly(0, 1);
    }

    @Test
    void agreesWithASortOfManyValuesSomeOfThemEqual() {
        SplittableRandom random = new SplittableRandom(3);
        float[] values = new float[5000];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(900) / 7f - 60;
        }
        for (int count : new int[] {1, 2, 77, 2500, 4999, 5000}) {
            int[] expected = IntStream.range(0, values.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer i) -> -values[i]).thenComparing(i -> i))
                    .limit(count)
                    .mapToInt(i -> i)
                    .sorted()
                    .toArray();
            assertThat(Likeliest.of(values, count)).isEqualTo(expected);
        }
    }
}
