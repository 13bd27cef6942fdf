package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedReadsTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private Path ones(String name) throws IOException {
        byte[] ones = new byte[SIZE];
        Arrays.fill(ones, (byte) 1);
        byte[] start =
                RawFile.of("{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(SIZE, SIZE));
        return RawFile.write(directory.resolve(name), Bytes.concat(start, ones));
    }

    private static long sum(MappedTensor tensor) {
        return Arrays.stream(tensor.load().toLongs()).sum();
    }

    @Test
    void anInterruptedReaderLeavesTheFileOpen() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(ones("a"))) {
            Thread.currentThread().interrupt();
            assertThat(sum(file.tensor("a"))).isEqualTo(SIZE);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(sum(file.tensor("a"))).isEqualTo(SIZE);
        }
    }

    @Test
    void readsUnderWayWhileTheFileIsClosedEndWell() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 5; round++) {
                SafetensorsFile file = SafetensorsFile.open(ones("a"));
                MappedTensor tensor = file.tensor("a");
                List<Future<Long>> reads = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    reads.add(threads.submit(() -> sum(tensor)));
                }
                assertThat(reads.get(0).get()).isEqualTo(SIZE);
                file.close();
                for (Future<Long> read : reads) {
                    try {
                        assertThat(read.get()).isEqualTo(SIZE);
                    } catch (ExecutionException e) {
                        assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
                    }
                }
            }
        } finally {
            threads.shutdown();
        }
    }
}
