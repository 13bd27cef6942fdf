package org.laco.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.laco.io.array.FileTensor;
import org.laco.io.array.FileTensors;
import org.laco.io.array.NamedArrays;
import org.laco.io.array.SafetensorsArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads and writes safetensors files, with nothing else of laco. */
public final class TensorsInFiles {
    private TensorsInFiles() {}

    /**
     * Writes two arrays and reads them back.
     *
     * @param file a file that doesn't exist
     * @return the step that was read
     * @throws IOException if the file can't be read or written
     */
    public static long writeAndRead(Path file) throws IOException {
        INDArray weight = Nd4j.rand(DataType.FLOAT, 200, 64);
        INDArray step = Nd4j.scalar(9_007_199_254_740_993L);
        SafetensorsArrays.write(Map.of("weight", weight, "step", step), Map.of("format", "pt"), file);

        try (NamedArrays state = SafetensorsArrays.read(file)) {
            System.out.println(state.metadata() + " " + state.arrays().keySet());
            return state.array("step").getLong(0); // an I64 is read as a LONG, to the last digit
        }
    }

    /**
     * Reads one tensor, a part of it, and its bytes, from a file of any size.
     *
     * @param file a file with a matrix named weight
     * @return the part
     * @throws IOException if the file can't be read
     */
    public static INDArray readAPart(Path file) throws IOException {
        try (FileTensors opened = FileTensors.open(file)) {
            FileTensor weight = opened.tensor("weight");
            System.out.println(weight.dtype() + " " + weight.length());
            try (INDArray stored = weight.loadStored(); // in the stored type
                    INDArray floats = weight.load()) { // as float32, whatever is stored
                System.out.println(stored.dataType() + " " + floats.dataType());
            }
            INDArray block = Nd4j.createUninitialized(weight.dataType(), 16, 8);
            weight.copySlice(block, 100, 40); // rows 100 to 115, columns 40 to 47
            ByteBuffer row = weight.mapped().bytes(100, 1); // the stored bytes of row 100, in place
            System.out.println(row.remaining());
            return block;
        }
    }

    /**
     * Keeps arrays in bytes, and sends them through a stream.
     *
     * @param arrays the arrays by name
     * @return how many there are after both ways
     * @throws IOException if the bytes are no safetensors file
     */
    public static int throughBytes(Map<String, INDArray> arrays) throws IOException {
        byte[] bytes = SafetensorsArrays.toBytes(arrays, Map.of());
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        SafetensorsArrays.write(arrays, Map.of(), stream);
        try (NamedArrays one = SafetensorsArrays.read(bytes);
                NamedArrays other = SafetensorsArrays.read(stream.toByteArray())) {
            return one.arrays().size() + other.arrays().size();
        }
    }
}
