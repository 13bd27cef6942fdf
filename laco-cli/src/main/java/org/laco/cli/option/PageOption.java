package org.laco.cli.option;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.output.OutputDirectory;
import org.laco.page.Page;
import picocli.CommandLine.Option;

/** Where a page about the collapse goes. */
public final class PageOption {
    /** What tells a page of laco's is in so many characters. */
    private static final int BEGINNING = 400;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            order = 45,
            description =
                    "Write a page about the collapse: its candidates, which layers became which, the similarity of each "
                            + "sequence, before and after, and how to repeat it. With --force it replaces such a page, and no other file.")
    private Path page;

    /**
     * Returns whether a page is wanted.
     *
     * @return whether a file was named
     */
    public boolean isGiven() {
        return page != null;
    }

    /**
     * Returns where the page goes.
     *
     * @return the file, empty for none
     */
    public Optional<Path> page() {
        return Optional.ofNullable(page);
    }

    /**
     * Refuses a file that couldn't be written or would replace another, before a long search.
     *
     * @param directories what is read and written, in which no page belongs
     * @throws IOException if it is refused; the message names it
     */
    public void check(SourceAndTarget directories) throws IOException {
        if (page == null) {
            return;
        }
        Path directory = page.toAbsolutePath().normalize().getParent();
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory, so " + page + " can't be written");
        }
        Path place = directory.toRealPath().resolve(page.getFileName());
        requireOutside(place, directories.source().toRealPath());
        if (directories.hasTarget()) {
            requireOutside(place, directories.target().toAbsolutePath().normalize());
        }
        directories.requireNewOrForced(page);
        if (Files.exists(page, LinkOption.NOFOLLOW_LINKS) && !isPage(page)) {
            throw new IOException(
                    page + " is not a page that laco wrote, and is not replaced by one: choose another name");
        }
    }

    private void requireOutside(Path place, Path directory) throws IOException {
        if (place.startsWith(directory)) {
            throw new IOException(page + " is inside of " + directory
                    + ", which holds a checkpoint and nothing else: choose a " + "file beside it");
        }
    }

    private static boolean isPage(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        byte[] beginning = MoreFiles.asByteSource(file).slice(0, BEGINNING).read();
        return Page.isOne(new String(beginning, StandardCharsets.UTF_8));
    }

    /**
     * Writes the page, whole or not at all.
     *
     * @param directories what was read and written
     * @param content the page
     * @throws IOException if the file is refused by now, or can't be written
     */
    public void write(SourceAndTarget directories, Page content) throws IOException {
        check(directories);
        OutputDirectory.write(page, content.html().getBytes(StandardCharsets.UTF_8));
    }
}
