package org.laco.io.array;

import com.google.common.base.Joiner;
import java.util.Optional;
import org.laco.io.safetensors.Dtype;
import org.laco.tensor.StoredTypes;
import org.nd4j.linalg.api.buffer.DataType;

/** The element types that ND4J and the safetensors format share. */
public final class ElementTypes {
    private ElementTypes() {}

    /**
     * Returns ND4J's type for stored elements.
     *
     * @param dtype the format's type
     * @return the type, {@link DataType#UNKNOWN} where ND4J has none: such tensors can be copied from file to file, but not be read as
     *     numbers
     */
    public static DataType dataType(Dtype dtype) {
        return StoredTypes.dataType(dtype.name());
    }

    /**
     * Returns the type that elements of an array are stored in.
     *
     * @param type ND4J's type
     * @return the type, empty for texts and compressed arrays, which the format lacks
     */
    public static Optional<Dtype> dtype(DataType type) {
        return Dtype.of(StoredTypes.name(type));
    }

    /** Returns a type by its name, and refuses one that the format lacks. */
    static Dtype require(String tensor, String storedType) {
        return Dtype.of(storedType)
                .orElseThrow(() -> new IllegalArgumentException("tensor '" + tensor + "' has the type " + storedType
                        + ", which the format lacks, expected one of "
                        + Joiner.on(", ").join(Dtype.values())));
    }
}
