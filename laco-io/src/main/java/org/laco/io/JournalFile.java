package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Utf8;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Bytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file to which lines of JSON are appended, and locked while it is open.
 *
 * <p>A line is given to the system at once, so that it outlives the process, and forced to disk while the next thing is done, so that it
 * outlives the system. It is on the disk before the line after it is written; where forcing failed, nothing is written any more.
 *
 * <p>A line is the CRC-32C of all JSON of the file up to its end in eight hexadecimal digits, a space, and the JSON. So a line that was
 * changed, left out or moved is found at its place. A last line without its end was being written when the process ended; it is cut off.
 */
final class JournalFile implements AutoCloseable {
    private static final int CHECKSUM = 8;

    /** More than any line has: a candidate's score on each of a million sequences. */
    private static final int LONGEST_LINE = 1 << 28;

    private final Path path;
    private final RandomAccessFile file;
    private final Json json = new Json();
    private final CRC32C checksum = new CRC32C();
    private final BackgroundForce force;
    private int lines;
    private boolean removed;

    private JournalFile(Path path, RandomAccessFile file, Sync sync) {
        this.path = path;
        this.file = file;
        this.force = new BackgroundForce(() -> sync.sync(file));
    }

    /** What forces a file to disk. */
    @FunctionalInterface
    interface Sync {
        void sync(RandomAccessFile file) throws IOException;
    }

    /**
     * Opens a file, or creates it.
     *
     * @throws IOException if another search has it open, or it isn't a regular file
     */
    static JournalFile open(Path path) throws IOException {
        return open(path, file -> file.getFD().sync());
    }

    static JournalFile open(Path path, Sync sync) throws IOException {
        while (true) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(path + " is not a regular file, so no journal can be kept there: remove it");
            }
            // Unlike a channel, this isn't closed when the search's thread is interrupted.
            JournalFile journal = new JournalFile(path, new RandomAccessFile(path.toFile(), "rw"), sync);
            try {
                journal.lock();
                // Who held the lock before may have removed the file.
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    return journal;
                }
                journal.close();
            } catch (IOException | RuntimeException e) {
                journal.close();
                throw e;
            }
        }
    }

    private void lock() throws IOException {
        if (ProcessLock.tryLock(file.getChannel()) == ProcessLock.Outcome.TAKEN) {
            throw new IOException(path + " is kept by another search to the same place, which is still running");
        }
    }

    /**
     * Reads all lines, and cuts off a last one that has no end.
     *
     * @return the JSON of the lines
     * @throws IOException if a line was damaged; the message says which
     */
    ImmutableList<JsonNode> read() throws IOException {
        ImmutableList.Builder<JsonNode> read = ImmutableList.builder();
        file.seek(0);
        long end = 0;
        int number = 1;
        // Closing the stream would close the file, and with it the lock.
        InputStream in = new BufferedInputStream(new FileInputStream(file.getFD()), 1 << 16);
        for (Optional<byte[]> line = line(in, number); line.isPresent(); line = line(in, number)) {
            read.add(parse(line.get(), number));
            end += line.get().length + 1;
            number++;
        }
        file.setLength(end);
        file.seek(end);
        lines = number - 1;
        return read.build();
    }

    private Optional<byte[]> line(InputStream in, int number) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return Optional.empty();
            }
            if (line.size() == LONGEST_LINE) {
                throw damaged(number, "is longer than any that was written");
            }
            line.write(next);
        }
        return Optional.of(line.toByteArray());
    }

    private JsonNode parse(byte[] line, int number) throws IOException {
        int start = CHECKSUM + 1;
        if (line.length < start || line[CHECKSUM] != ' ') {
            throw damaged(number, "doesn't begin with a checksum");
        }
        int length = line.length - start;
        checksum.update(line, start, length);
        if (!new String(line, 0, CHECKSUM, StandardCharsets.ISO_8859_1).equals(checksum())) {
            throw damaged(number, "doesn't have the checksum of what was written");
        }
        if (!Utf8.isWellFormed(line, start, length)) {
            throw damaged(number, "is not valid UTF-8");
        }
        try {
            return json.readLine(new String(line, start, length, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw damaged(number, "is " + e.getMessage());
        }
    }

    private String checksum() {
        return String.format("%08x", checksum.getValue());
    }

    /** Makes an exception that says what is wrong with a line, from 1, and what to do. */
    IOException damaged(int number, String what) {
        return new IOException(
                path + ", line " + number + ": the journal is damaged, the line " + what + ": remove it to begin anew");
    }

    /** Removes all lines. */
    void clear() throws IOException {
        file.setLength(0);
        file.seek(0);
        lines = 0;
        checksum.reset();
    }

    /**
     * Appends a line, and begins to force it to disk.
     *
     * @throws IOException if it can't be written, or a line before it couldn't be forced
     */
    void append(JsonNode node) throws IOException {
        byte[] content = node.toString().getBytes(StandardCharsets.UTF_8);
        checksum.update(content);
        try {
            force.await();
            file.write(
                    Bytes.concat((checksum() + " ").getBytes(StandardCharsets.US_ASCII), content, new byte[] {'\n'}));
            force.begin();
            lines++;
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** The system says what is wrong, such as a full disk, but not where. */
    private IOException unwritten(IOException e) {
        return new IOException(path + " can't be written: " + e.getMessage(), e);
    }

    /** Returns the number of lines. */
    int lines() {
        return lines;
    }

    /** Removes the file, whatever was written. */
    void remove() throws IOException {
        Files.deleteIfExists(path);
        removed = true;
    }

    /**
     * Waits until all lines are on the disk, and closes the file.
     *
     * @throws IOException if it can't be closed, or a line couldn't be forced, unless the file was removed
     */
    @Override
    public void close() throws IOException {
        try (file) {
            force.close();
        } catch (IOException e) {
            if (!removed) {
                throw unwritten(e);
            }
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
