package org.laco.onednn;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.laco.kernel.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/** A product of one shape as oneDNN compiled it, with the rounding or packing of its inputs if it needs that, for use by one thread at a time. */
final class CompiledProduct implements AutoCloseable {
    /** Where a rounded or packed input begins in the scratch memory, after the product's own. */
    private static final long ALIGNMENT = 64;

    /** The factors by which the second step after a product multiplies. */
    private static final int FACTORS = 2 * dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | dnnl.DNNL_ARG_SRC_1;

    private final ProductShape shape;
    private final CompiledPrimitive product;
    private final CompiledPrimitive rounding;
    private final CompiledPrimitive packing;
    private final long packedBytes;

    CompiledProduct(dnnl_engine engine, ProductShape shape) {
        this.shape = shape;
        int stored = type(shape.weights());
        dnnl_memory_desc input = matrix(shape.rows(), shape.in(), dnnl.dnnl_f32, dnnl.dnnl_ab);
        dnnl_memory_desc rounded = shape.transposed().isPresent()
                ? transposed(shape.rows(), shape.in(), shape.transposed().getAsLong())
                : matrix(shape.rows(), shape.in(), shape.rounds() ? stored : dnnl.dnnl_f32, dnnl.dnnl_ab);
        dnnl_memory_desc weight =
                matrix(shape.in(), shape.out(), stored, shape.inputFirst() ? dnnl.dnnl_ab : dnnl.dnnl_ba);
        // In whichever order the product wants.
        dnnl_memory_desc packed = matrix(shape.in(), shape.out(), stored, dnnl.dnnl_format_tag_any);
        dnnl_memory_desc out = matrix(shape.rows(), shape.out(), dnnl.dnnl_f32, dnnl.dnnl_ab);
        dnnl_primitive_attr attributes = sharedScratchpad();
        try {
            rounding = shape.rounds()
                    ? reordering(engine, "the rounding of an input of " + shape, input, rounded, attributes)
                    : null;
            shape.gate().ifPresent(activation -> gate(attributes, activation, out));
            if (shape.transposed().isPresent()) {
                sum(attributes);
            }
            dnnl_primitive_desc description =
                    describe(engine, rounded, shape.packs() ? packed : weight, out, attributes);
            // Belongs to the description.
            dnnl_memory_desc chosen = dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_weights_md, 0);
            packing = shape.packs() ? packing(engine, weight, chosen) : null;
            packedBytes = shape.packs() ? dnnl.dnnl_memory_desc_get_size(chosen) : 0;
            product = product(engine, description, rounded, chosen, out);
        } finally {
            dnnl.dnnl_primitive_attr_destroy(attributes);
            for (dnnl_memory_desc layout : new dnnl_memory_desc[] {input, rounded, weight, packed, out}) {
                dnnl.dnnl_memory_desc_destroy(layout);
            }
        }
    }

    private static int type(DataType weights) {
        return switch (weights) {
            case FLOAT -> dnnl.dnnl_f32;
            case BFLOAT16 -> dnnl.dnnl_bf16;
            case HALF -> dnnl.dnnl_f16;
            default -> throw new AssertionError(weights);
        };
    }

    private dnnl_primitive_desc describe(
            dnnl_engine engine,
            dnnl_memory_desc input,
            dnnl_memory_desc weight,
            dnnl_memory_desc out,
            dnnl_primitive_attr attributes) {
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        OneDnnException.check(
                dnnl.dnnl_matmul_primitive_desc_create(description, engine, input, weight, null, out, attributes),
                "describe a product of " + shape);
        return description;
    }

    private CompiledPrimitive product(
            dnnl_engine engine,
            dnnl_primitive_desc description,
            dnnl_memory_desc input,
            dnnl_memory_desc weight,
            dnnl_memory_desc out) {
        return new CompiledPrimitive(
                engine,
                "a product of " + shape,
                description,
                shape.gate().isPresent()
                        ? new int[] {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST, FACTORS}
                        : new int[] {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST},
                new dnnl_memory_desc[] {input, weight, out, out});
    }

    /** Whether a function is computed while a block of the product is in a register: those that most models have. */
    static boolean gates(Activation activation) {
        return switch (activation) {
            case SILU, GELU, GELU_TANH, RELU -> true;
            default -> false;
        };
    }

    /** Has each block of the product activated and multiplied by factors while it is in a register. */
    private static void gate(dnnl_primitive_attr attributes, Activation activation, dnnl_memory_desc factors) {
        dnnl_post_ops steps = new dnnl_post_ops();
        OneDnnException.check(dnnl.dnnl_post_ops_create(steps), "make the steps after a product");
        int function =
                switch (activation) {
                    case SILU -> dnnl.dnnl_eltwise_swish;
                    case GELU -> dnnl.dnnl_eltwise_gelu_erf;
                    case GELU_TANH -> dnnl.dnnl_eltwise_gelu_tanh;
                    case RELU -> dnnl.dnnl_eltwise_relu;
                    default -> throw new IllegalArgumentException(activation + " is not computed with a product");
                };
        // For swish the first number is the factor in x · sigmoid(α x), for relu the slope below 0.
        float alpha = activation == Activation.SILU ? 1 : 0;
        OneDnnException.check(dnnl.dnnl_post_ops_append_eltwise(steps, function, alpha, 0), "activate a product");
        OneDnnException.check(dnnl.dnnl_post_ops_append_binary(steps, dnnl.dnnl_binary_mul, factors), "gate a product");
        set(attributes, steps);
    }

    private static void set(dnnl_primitive_attr attributes, dnnl_post_ops steps) {
        OneDnnException.check(
                dnnl.dnnl_primitive_attr_set_post_ops(attributes, steps), "set the steps after a product");
        dnnl.dnnl_post_ops_destroy(steps);
    }

    /** Has the product added to what is there. */
    private static void sum(dnnl_primitive_attr attributes) {
        dnnl_post_ops steps = new dnnl_post_ops();
        OneDnnException.check(dnnl.dnnl_post_ops_create(steps), "make the steps after a product");
        OneDnnException.check(dnnl.dnnl_post_ops_append_sum(steps, 1, 0, dnnl.dnnl_data_type_undef), "add up products");
        set(attributes, steps);
    }

    private CompiledPrimitive packing(dnnl_engine engine, dnnl_memory_desc weight, dnnl_memory_desc packed) {
        dnnl_primitive_attr attributes = sharedScratchpad();
        try {
            return reordering(engine, "the packing of a weight of " + shape, weight, packed, attributes);
        } finally {
            dnnl.dnnl_primitive_attr_destroy(attributes);
        }
    }

    /** Writes a matrix in another type or order. */
    private static CompiledPrimitive reordering(
            dnnl_engine engine,
            String task,
            dnnl_memory_desc from,
            dnnl_memory_desc to,
            dnnl_primitive_attr attributes) {
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        OneDnnException.check(
                dnnl.dnnl_reorder_primitive_desc_create(description, from, engine, to, engine, attributes),
                "describe " + task);
        return new CompiledPrimitive(
                engine, task, description, new int[] {dnnl.DNNL_ARG_FROM, dnnl.DNNL_ARG_TO}, new dnnl_memory_desc[] {
                    from, to
                });
    }

    private static dnnl_memory_desc matrix(long rows, long columns, int type, int order) {
        dnnl_memory_desc description = new dnnl_memory_desc();
        OneDnnException.check(
                dnnl.dnnl_memory_desc_create_with_tag(description, 2, new long[] {rows, columns}, type, order),
                "describe a matrix [" + rows + ", " + columns + "]");
        return description;
    }

    /** A float32 matrix whose columns are stored one after another. */
    private static dnnl_memory_desc transposed(long rows, long columns, long apart) {
        dnnl_memory_desc description = new dnnl_memory_desc();
        OneDnnException.check(
                dnnl.dnnl_memory_desc_create_with_strides(
                        description, 2, new long[] {rows, columns}, dnnl.dnnl_f32, new long[] {1, apart}),
                "describe a transposed matrix [" + rows + ", " + columns + "]");
        return description;
    }

    /** By default each compiled product would keep a scratchpad of its own, as large as a packed weight. */
    private static dnnl_primitive_attr sharedScratchpad() {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        OneDnnException.check(dnnl.dnnl_primitive_attr_create(attributes), "make attributes");
        OneDnnException.check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "share scratchpads");
        return attributes;
    }

    /** Names oneDNN's implementation, as {@code brg_matmul:avx512_core}. */
    String implementation() {
        return product.implementation();
    }

    /** Runs with factors that are ignored if the product isn't gated. */
    void run(Pointer x, Pointer weight, Pointer factors, Pointer out, Scratchpad scratchpad) {
        if (rounding != null) {
            long size = shape.rows() * shape.in() * Short.BYTES;
            Pointer scratch = scratchpad.atLeast(behind(rounding) + size);
            Pointer rounded = at(scratch, behind(rounding));
            rounding.run(x, rounded, scratch);
            multiply(rounded, weight, factors, out, scratch);
        } else if (packing != null) {
            Pointer scratch = scratchpad.atLeast(behind(packing) + packedBytes);
            Pointer packed = at(scratch, behind(packing));
            packing.run(weight, packed, scratch);
            multiply(x, packed, factors, out, scratch);
        } else {
            multiply(x, weight, factors, out, scratchpad.atLeast(product.scratchpadBytes()));
        }
    }

    /** Where scratch memory is free behind what the product and a step before it take. */
    private long behind(CompiledPrimitive before) {
        long own = Math.max(product.scratchpadBytes(), before.scratchpadBytes());
        return (own + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static Pointer at(Pointer memory, long offset) {
        return new Pointer(memory) {
            {
                address += offset;
            }
        };
    }

    private void multiply(Pointer x, Pointer weight, Pointer factors, Pointer out, Pointer scratch) {
        if (shape.gate().isPresent()) {
            product.run(x, weight, out, factors, scratch);
        } else {
            product.run(x, weight, out, scratch);
        }
    }

    @Override
    public void close() {
        product.close();
        if (rounding != null) {
            rounding.close();
        }
        if (packing != null) {
            packing.close();
        }
    }
}
