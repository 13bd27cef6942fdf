package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal is forced to disk while the search goes on, and no failure of that is lost. */
@Timeout(60)
class JournalFileTest {
    @TempDir
    Path directory;

    private static JsonNode line(int number) {
        return new Json().object().put("line", number);
    }

    private Path path() {
        return directory.resolve("journal");
    }

    @Test
    void givesALineToTheSystemBeforeItIsForced() throws Exception {
        CountDownLatch forced = new CountDownLatch(1);
        try (JournalFile journal = JournalFile.open(path(), file -> await(forced))) {
            journal.append(line(1));
            assertThat(path()).content().endsWith(" {\"line\":1}\n");
            forced.countDown();
        }
    }

    private static void append(JournalFile journal, JsonNode line) {
        try {
            journal.append(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void writesALineOnlyOnceThoseBeforeItAreForced() throws Exception {
        CountDownLatch forced = new CountDownLatch(1);
        List<Long> sizes = new ArrayList<>();
        try (JournalFile journal = JournalFile.open(path(), file -> {
            await(forced);
            sizes.add(file.length());
        })) {
            journal.append(line(1));
            long first = Files.size(path());
            Thread second = new Thread(() -> append(journal, line(2)));
            second.start();
            while (second.getState() != Thread.State.WAITING && second.isAlive()) {
                Thread.sleep(1);
            }
            assertThat(second.isAlive()).as("it waits").isTrue();
            assertThat(Files.size(path())).isEqualTo(first);
            forced.countDown();
            second.join();
            journal.append(line(3));
            assertThat(sizes).startsWith(first, 2 * first);
        }
        assertThat(sizes).as("closing waits for the last").hasSize(3);
    }

    @Test
    void saysAtTheNextLineAndWhenItIsClosedThatOneCouldNotBeForced() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        JournalFile journal = JournalFile.open(path(), file -> {
            tries.incrementAndGet();
            throw new IOException("Input/output error");
        });
        journal.append(line(1));
        for (int more = 0; more < 2; more++) {
            assertThatIOException()
                    .isThrownBy(() -> journal.append(line(2)))
                    .withMessage(path() + " can't be written: Input/output error");
        }
        assertThatIOException()
                .isThrownBy(journal::close)
                .withMessage(path() + " can't be written: Input/output error");
        assertThat(tries)
                .as("a second try may succeed though the first line is lost")
                .hasValue(1);
        assertThat(Files.readAllLines(path())).hasSize(1);
        try (JournalFile again = JournalFile.open(path())) {
            assertThat(again.read()).containsExactly(line(1));
        }
    }

    @Test
    void doesNotMindLosingWhatIsRemoved() throws IOException {
        JournalFile journal = JournalFile.open(path(), file -> {
            throw new IOException("Input/output error");
        });
        journal.append(line(1));
        journal.remove();
        journal.close();
        assertThat(path()).doesNotExist();
    }

    @Test
    void waitsInAThreadThatWasInterrupted() throws IOException {
        AtomicInteger forced = new AtomicInteger();
        Thread.currentThread().interrupt();
        try (JournalFile journal = JournalFile.open(path(), file -> forced.incrementAndGet())) {
            journal.append(line(1));
            journal.append(line(2));
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(forced).hasValue(2);
    }
}
