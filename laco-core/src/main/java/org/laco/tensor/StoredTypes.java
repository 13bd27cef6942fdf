package org.laco.tensor;

import com.google.common.collect.ImmutableBiMap;
import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;

/** What the elements of stored tensors are called, as by the safetensors format. */
@Internal
public final class StoredTypes {
    private static final ImmutableBiMap<DataType, String> NAMES = ImmutableBiMap.<DataType, String>builder()
            .put(DataType.DOUBLE, "F64")
            .put(DataType.FLOAT, "F32")
            .put(DataType.HALF, "F16")
            .put(DataType.BFLOAT16, "BF16")
            .put(DataType.LONG, "I64")
            .put(DataType.INT, "I32")
            .put(DataType.SHORT, "I16")
            .put(DataType.BYTE, "I8")
            .put(DataType.UINT64, "U64")
            .put(DataType.UINT32, "U32")
            .put(DataType.UINT16, "U16")
            .put(DataType.UBYTE, "U8")
            .put(DataType.BOOL, "BOOL")
            .buildOrThrow();

    private StoredTypes() {}

    /**
     * Returns the name of a type.
     *
     * @param type ND4J's type
     * @return such as {@code BF16}; ND4J's own name for texts and compressed arrays, which no format of tensors has
     */
    public static String name(DataType type) {
        return NAMES.getOrDefault(type, type.name());
    }

    /**
     * Returns ND4J's type of a name.
     *
     * @param name such as {@code BF16}
     * @return the type, {@link DataType#UNKNOWN} where ND4J has none, as for 8-bit floats
     */
    public static DataType dataType(String name) {
        return NAMES.inverse().getOrDefault(name, DataType.UNKNOWN);
    }
}
