package org.laco.service;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Registers one class as a service, in a directory that is on the class path of the running thread until this is closed. */
public final class Registration implements AutoCloseable {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final URLClassLoader loader;

    private Registration(Path directory) throws IOException {
        this.loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(loader);
    }

    /** Registers a class by its name, whether there is such a class or not. */
    public static Registration of(Path directory, Class<?> service, String implementation) throws IOException {
        Path file = directory.resolve("META-INF/services/" + service.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, implementation + "\n");
        return new Registration(directory);
    }

    @Override
    public void close() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        loader.close();
    }
}
