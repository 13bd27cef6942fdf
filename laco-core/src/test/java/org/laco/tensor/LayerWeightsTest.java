package org.laco.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights of four experts of ten elements each. */
class LayerWeightsTest {
    private static final long BYTES = 10 * Float.BYTES;

    private final List<String> read = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch slow = new CountDownLatch(1);

    /** A tensor that notes when it is read. */
    private final class Noted implements StoredTensor {
        private final String name;

        Noted(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String storedType() {
            return "F32";
        }

        @Override
        public DataType dataType() {
            return DataType.FLOAT;
        }

        @Override
        public long[] shape() {
            return new long[] {2, 5};
        }

        @Override
        public long byteLength() {
            return BYTES;
        }

        @Override
        public void copyRows(long firstRow, INDArray destination) {
            read.add(name);
            if (name.equals("slow")) {
                try {
                    slow.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            if (name.equals("broken")) {
                throw new IllegalStateException("broken");
            }
            destination.assign(name.hashCode());
        }

        @Override
        public void writeTo(WritableByteChannel channel) {
            throw new AssertionError("nothing is written");
        }
    }

    private LayerWeights holding(int arrays) {
        ImmutableMap.Builder<String, LayerTensor> tensors = ImmutableMap.builder();
        for (String name : new String[] {"a", "b", "c", "d", "slow", "broken"}) {
            tensors.put(name, new LayerTensor(new Noted(name), TensorRole.LINEAR));
        }
        return LayerWeights.load(tensors.buildOrThrow(), ArrayPool.unpooled(), arrays * BYTES);
    }

    private static void use(LayerWeights weights, String... names) {
        try (LayerWeights some = weights.briefly()) {
            for (String name : names) {
                assertThat(some.array(name).getDouble(1, 4)).isEqualTo(name.hashCode());
            }
        }
    }

    @Test
    void keepsWhatWasUsedLastAsFarAsThereIsRoom() {
        try (LayerWeights weights = holding(2)) {
            use(weights, "a");
            use(weights, "b");
            use(weights, "a");
            use(weights, "c");
            assertThat(read).containsExactly("a", "b", "c");
            use(weights, "a");
            use(weights, "c");
            assertThat(read).containsExactly("a", "b", "c");
            use(weights, "b");
            assertThat(read).containsExactly("a", "b", "c", "b");
        }
    }

    @Test
    void freesWhatThereIsNoRoomFor() {
        try (LayerWeights weights = holding(1);
                LayerWeights first = weights.briefly()) {
            INDArray a = first.array("a");
            first.unload();
            assertThat(a.wasClosed()).isFalse();

            use(weights, "b");

            assertThat(a.wasClosed()).isTrue();
        }
    }

    @Test
    void holdsWhatIsUsedThoughThereIsNoRoomForIt() {
        try (LayerWeights weights = holding(1);
                LayerWeights some = weights.briefly()) {
            INDArray a = some.array("a");
            INDArray b = some.array("b");

            assertThat(some.heldBytes()).isEqualTo(2 * BYTES);
            assertThat(a.wasClosed()).isFalse();
            assertThat(b.wasClosed()).isFalse();
            assertThat(some.array("a")).isSameAs(a);
        }
    }

    @Test
    void holdsAllThatIsAskedForOtherwise() {
        try (LayerWeights weights = holding(0)) {
            INDArray a = weights.array("a");
            use(weights, "a", "b");

            assertThat(a.wasClosed()).isFalse();
            assertThat(read).containsExactly("a", "b");
            weights.unload();
            assertThat(a.wasClosed()).isTrue();
        }
    }

    @Test
    void freesWhatIsUsedWithTheLayer() {
        LayerWeights weights = holding(4);
        LayerWeights some = weights.briefly();
        INDArray a = some.array("a");

        weights.close();
        some.close();

        assertThat(a.wasClosed()).isTrue();
    }

    @Test
    void readsAheadWhatNoOtherThreadReads() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (LayerWeights weights = holding(4);
                LayerWeights some = weights.briefly();
                LayerWeights same = weights.briefly()) {
            Future<INDArray> reading = other.submit(() -> some.array("slow"));
            while (!read.contains("slow")) {
                Thread.onSpinWait();
            }

            same.readAhead("slow", type -> type);
            same.readAhead("b", type -> type);

            assertThat(read).containsExactly("slow", "b");
            slow.countDown();
            assertThat(same.array("slow")).isSameAs(reading.get());
            assertThat(read).containsExactly("slow", "b");
        } finally {
            slow.countDown();
            other.shutdownNow();
        }
    }

    @Test
    void readsOnceWhatSeveralThreadsUse() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (LayerWeights weights = holding(4)) {
            List<Future<?>> users = new ArrayList<>();
            IntStream.range(0, 4)
                    .forEach(i -> users.add(threads.submit(() -> {
                        for (int round = 0; round < 100; round++) {
                            use(weights, "a", "b", "c", "d");
                        }
                    })));
            for (Future<?> user : users) {
                user.get();
            }
            assertThat(read).containsExactlyInAnyOrder("a", "b", "c", "d");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void givesRightValuesToSeveralThreadsThatThereIsNoRoomFor() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (LayerWeights weights = holding(1)) {
            List<Future<?>> users = new ArrayList<>();
            IntStream.range(0, 4)
                    .forEach(i -> users.add(threads.submit(() -> {
                        for (int round = 0; round < 100; round++) {
                            use(weights, "a", "b");
                            use(weights, "c", "d");
                        }
                    })));
            for (Future<?> user : users) {
                user.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void holdsNothingOfWhatCanNotBeRead() {
        try (LayerWeights weights = holding(1)) {
            use(weights, "a");
            try (LayerWeights some = weights.briefly()) {
                assertThatThrownBy(() -> some.array("broken")).hasMessage("broken");
            }
            use(weights, "b");
            use(weights, "b");
            assertThat(read).containsExactly("a", "broken", "b");
        }
    }

    @Test
    void saysWhatThereIsWhereATensorIsMissing() {
        try (LayerWeights weights = holding(1);
                LayerWeights some = weights.briefly()) {
            assertThatThrownBy(() -> some.array("e"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage("the layer has no tensor e, only [a, b, c, d, slow, broken]");
        }
    }
}
