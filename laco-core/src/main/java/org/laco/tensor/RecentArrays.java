package org.laco.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arrays that are held while somebody uses them, and afterwards as far as all of them together fit a bound; those go first that were not
 * used for longest.
 *
 * <p>Several threads may use them at once.
 */
final class RecentArrays {
    private final long bound;
    private final Map<ArrayKey, Held> held = new HashMap<>();
    /** Those that nobody uses, in the order in which they were last used. */
    private final Set<Held> unused = new LinkedHashSet<>();

    private long bytes;

    /**
     * Holds none yet.
     *
     * @param bound what is held at most in bytes, unless what is used takes more
     */
    RecentArrays(long bound) {
        this.bound = bound;
    }

    long bound() {
        return bound;
    }

    /** An array that is read when it is first asked for, and which somebody uses. */
    static final class Held {
        private final ReadableArray source;
        private final ReentrantLock reading = new ReentrantLock();
        private int users;
        private INDArray array;

        private Held(ReadableArray source) {
            this.source = source;
        }

        long bytes() {
            return source.bytes();
        }

        /** Reads the array if nobody has, waiting for whoever does. */
        INDArray get() {
            reading.lock();
            try {
                if (array == null) {
                    array = source.read().get();
                }
                return array;
            } finally {
                reading.unlock();
            }
        }

        /** Reads the array unless somebody has or does. */
        void getAhead() {
            if (reading.tryLock()) {
                try {
                    get();
                } finally {
                    reading.unlock();
                }
            }
        }

        private void free() {
            if (array != null) {
                source.free().accept(array);
            }
        }
    }

    /** Holds an array until it is let go by {@link #release}. Room for it is made at once, though it is read later. */
    synchronized Held use(ReadableArray wanted) {
        Held one = held.get(wanted.key());
        if (one == null) {
            one = new Held(wanted);
            held.put(wanted.key(), one);
            bytes += wanted.bytes();
        }
        one.users++;
        unused.remove(one);
        makeRoom();
        return one;
    }

    /** Lets an array go, which stays if there is room for it. */
    synchronized void release(Held one) {
        one.users--;
        if (one.users == 0 && held.get(one.source.key()) == one) {
            unused.add(one);
            makeRoom();
        }
    }

    private void makeRoom() {
        for (Iterator<Held> oldest = unused.iterator(); bytes > bound && oldest.hasNext(); ) {
            Held one = oldest.next();
            oldest.remove();
            held.remove(one.source.key());
            bytes -= one.bytes();
            one.free();
        }
    }

    /** Frees all arrays, also those that are used. */
    synchronized void clear() {
        List<Held> all = new ArrayList<>(held.values());
        held.clear();
        unused.clear();
        bytes = 0;
        all.forEach(Held::free);
    }
}
