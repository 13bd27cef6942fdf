import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.laco.io.array.ElementTypes;
import org.laco.io.array.NamedArrays;
import org.laco.io.array.SafetensorsArrays;
import org.laco.io.safetensors.Dtype;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads the reference implementation's files and writes files for it: the half of safetensors_exchange.py that runs laco. */
public final class SafetensorsExchange {
    private static final Dtype[] TYPES = Arrays.stream(Dtype.values())
            .filter(dtype -> ElementTypes.dataType(dtype) != DataType.UNKNOWN)
            .toArray(Dtype[]::new);
    private static final String[] LETTERS =
            "abcdefghijklmnopqrstuvwxyz0123456789._/ \"\\\n\t\u0001\u001f\u007fé日ﬁ😀".codePoints()
                    .mapToObj(Character::toString)
                    .toArray(String[]::new);

    private long tensors;
    private long elements;
    private long wrong;
    private long identical;

    private SafetensorsExchange() {}

    /** Takes the directory to read, the one to write, the number of files and a seed. */
    public static void main(String[] args) throws IOException {
        SafetensorsExchange exchange = new SafetensorsExchange();
        int files = Integer.parseInt(args[2]);
        for (int i = 0; i < files; i++) {
            exchange.check(Path.of(args[0]), i);
            make(Path.of(args[1]), i, new SplittableRandom(Long.parseLong(args[3]) * 1_000_003 + i));
        }
        System.out.printf(
                "{\"files\": %d, \"tensors\": %d, \"elements\": %d, \"wrong\": %d, \"identical\": %d}%n",
                files, exchange.tensors, exchange.elements, exchange.wrong, exchange.identical);
    }

    private void check(Path directory, int i) throws IOException {
        Path file = directory.resolve(i + ".safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Map<String, String> metadata = new LinkedHashMap<>();
        // By turns from the file and from its bytes.
        try (NamedArrays read = i % 2 == 0 ? SafetensorsArrays.read(file) : SafetensorsArrays.read(bytes)) {
            int expected = 0;
            for (String line : Files.readAllLines(directory.resolve(i + ".tsv"))) {
                String[] parts = line.split("\t", -1);
                if (parts[0].equals("metadata")) {
                    metadata.put(unhexed(parts[1]), unhexed(parts[2]));
                } else {
                    expected++;
                    check(file, read.arrays().get(unhexed(parts[1])), parts);
                }
            }
            if (read.arrays().size() != expected || !read.metadata().equals(metadata)) {
                report(file + " has other names or metadata");
            }
            identical += Arrays.equals(bytes, SafetensorsArrays.toBytes(read.arrays(), read.metadata())) ? 1 : 0;
        }
    }

    private void check(Path file, INDArray array, String[] parts) {
        tensors++;
        if (array == null) {
            report(file + " lacks " + unhexed(parts[1]));
            return;
        }
        elements += array.length();
        String shape = String.join(
                ",", Arrays.stream(array.shape()).mapToObj(String::valueOf).toArray(String[]::new));
        String[] values = parts[4].isEmpty() ? new String[0] : parts[4].split(",");
        boolean same = ElementTypes.dtype(array.dataType()).orElseThrow().name().equals(parts[2])
                && shape.equals(parts[3])
                && array.length() == values.length;
        for (int k = 0; same && k < values.length; k++) {
            same = isSame(array, k, values[k]);
        }
        if (!same) {
            report(file + " has " + unhexed(parts[1]) + " of " + parts[2] + "[" + parts[3] + "], read as "
                    + array.dataType() + "[" + shape + "]");
        }
    }

    private static boolean isSame(INDArray array, int k, String value) {
        if (array.dataType().isFPType()) {
            double expected = Double.longBitsToDouble(Long.parseUnsignedLong(value, 16));
            // Equal bits, but for those of NaN.
            return Double.compare(array.data().getDouble(k), expected) == 0;
        }
        long found = array.data().getLong(k);
        return (array.dataType() == DataType.UINT64 ? Long.toUnsignedString(found) : Long.toString(found)).equals(value);
    }

    private void report(String message) {
        wrong++;
        System.out.println(message);
    }

    private static void make(Path directory, int i, SplittableRandom random) throws IOException {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        Map<String, String> metadata =
                random.nextInt(10) < 6 ? Map.of(text(random), text(random)) : Map.of();
        List<String> lines = new ArrayList<>();
        metadata.forEach((key, value) -> lines.add("metadata\t" + hexed(key) + "\t" + hexed(value)));
        for (int count = random.nextInt(9); count > 0; count--) {
            String name = text(random);
            if (!arrays.containsKey(name)) {
                Dtype dtype = TYPES[random.nextInt(TYPES.length)];
                long[] shape = shape(random);
                List<String> values = new ArrayList<>();
                arrays.put(name, array(dtype, shape, random, values));
                lines.add(String.join(
                        "\t",
                        "tensor",
                        hexed(name),
                        dtype.name(),
                        String.join(",", Arrays.stream(shape).mapToObj(String::valueOf).toArray(String[]::new)),
                        String.join(",", values)));
            }
        }
        Path file = directory.resolve(i + ".safetensors");
        if (i % 2 == 0) {
            SafetensorsArrays.write(arrays, metadata, file);
        } else {
            try (var out = Files.newOutputStream(file)) {
                SafetensorsArrays.write(arrays, metadata, out);
            }
        }
        Files.write(directory.resolve(i + ".tsv"), lines);
        arrays.values().forEach(INDArray::close);
    }

    private static long[] shape(SplittableRandom random) {
        if (random.nextInt(100) < 3) {
            return new long[] {random.nextLong(1, 300), random.nextLong(1, 200)};
        }
        return random.longs(random.nextInt(5), random.nextInt(10) == 0 ? 0 : 1, 7).toArray();
    }

    /** Makes an array of random numbers, by turns in 'f' order, and lists them. */
    private static INDArray array(Dtype dtype, long[] shape, SplittableRandom random, List<String> values) {
        int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        if (length == 0) {
            return Nd4j.create(ElementTypes.dataType(dtype), shape);
        }
        INDArray flat = ElementTypes.dataType(dtype).isFPType()
                ? floats(dtype, length, random, values)
                : Nd4j.createFromArray(integers(dtype, length, random, values));
        INDArray array = flat.castTo(ElementTypes.dataType(dtype)).reshape(shape);
        return random.nextInt(4) == 0 ? array.dup('f') : array;
    }

    private static INDArray floats(Dtype dtype, int length, SplittableRandom random, List<String> values) {
        double[] numbers = new double[length];
        for (int i = 0; i < length; i++) {
            // Eight significant bits, which bfloat16 has, the 24 of float32, or all.
            numbers[i] = switch (dtype) {
                case F64 -> (random.nextDouble() - 0.5) * 1e9;
                case F32 -> (float) ((random.nextDouble() - 0.5) * 1e9);
                default -> Math.scalb(random.nextInt(-255, 256), random.nextInt(-10, 5));
            };
            if (random.nextInt(40) == 0) {
                numbers[i] = new double[] {-0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}
                        [random.nextInt(4)];
            }
            values.add("%016x".formatted(Double.doubleToLongBits(numbers[i])));
        }
        return Nd4j.createFromArray(numbers);
    }

    private static long[] integers(Dtype dtype, int length, SplittableRandom random, List<String> values) {
        long[] numbers = new long[length];
        for (int i = 0; i < length; i++) {
            int bits = dtype == Dtype.BOOL ? 1 : dtype.bits();
            boolean signed = dtype.name().startsWith("I");
            long number = random.nextLong();
            numbers[i] = signed ? number >> 64 - bits : number >>> 64 - bits;
            values.add(dtype == Dtype.U64 ? Long.toUnsignedString(numbers[i]) : Long.toString(numbers[i]));
        }
        return numbers;
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int count = random.nextInt(1, 12); count > 0; count--) {
            text.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return text.toString();
    }

    private static String hexed(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String unhexed(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }
}
