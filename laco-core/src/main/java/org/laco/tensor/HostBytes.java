package org.laco.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The bytes of an array's buffer, seen from the host. */
final class HostBytes {
    private HostBytes() {}

    /** Views bytes {@code [from, from + count)} of an array in 'c' order that is no view of another one. */
    static ByteBuffer of(INDArray array, long from, int count) {
        Nd4j.getAffinityManager().ensureLocation(array, org.nd4j.linalg.api.concurrency.AffinityManager.Location.HOST);
        // A buffer counts in ints from where its pointer began: beyond 2 GiB a pointer has to begin there.
        BytePointer bytes = new BytePointer(array.data().addressPointer()).getPointer(from);
        return bytes.limit(count).asByteBuffer();
    }
}
