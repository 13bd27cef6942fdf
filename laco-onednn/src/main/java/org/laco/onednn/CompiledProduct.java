package org.laco.onednn;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** A product of one shape as oneDNN compiled it, for use by one thread at a time. */
final class CompiledProduct implements AutoCloseable {
    private static final int ARGUMENTS = 4;

    private final dnnl_stream stream = new dnnl_stream();
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_memory source;
    private final dnnl_memory weights;
    private final dnnl_memory destination;
    private final dnnl_memory scratchpad;
    private final long scratchpadBytes;
    private final dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(ARGUMENTS);
    private final String implementation;

    /**
     * Compiles a product for the number of threads that OpenMP has for the calling one.
     *
     * @throws OneDnnException if oneDNN can't
     */
    CompiledProduct(dnnl_engine engine, ProductShape shape) {
        dnnl_memory_desc in = matrix(shape.rows(), shape.in(), dnnl.dnnl_ab);
        dnnl_memory_desc weight = matrix(shape.in(), shape.out(), shape.inputFirst() ? dnnl.dnnl_ab : dnnl.dnnl_ba);
        dnnl_memory_desc out = matrix(shape.rows(), shape.out(), dnnl.dnnl_ab);
        dnnl_primitive_desc description = new dnnl_primitive_desc();
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        OneDnnException.check(dnnl.dnnl_primitive_attr_create(attributes), "make attributes");
        // By default each compiled product would keep a scratchpad of its own, as large as a packed weight.
        OneDnnException.check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "share scratchpads");
        OneDnnException.check(
                dnnl.dnnl_matmul_primitive_desc_create(description, engine, in, weight, null, out, attributes),
                "describe a product of " + shape);
        implementation = implementation(description);
        OneDnnException.check(dnnl.dnnl_primitive_create(primitive, description), "compile a product of " + shape);
        OneDnnException.check(
                dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_in_order), "make a stream for " + shape);
        source = memory(engine, in);
        weights = memory(engine, weight);
        destination = memory(engine, out);
        // Belongs to the description.
        dnnl_memory_desc scratch = dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
        scratchpad = memory(engine, scratch);
        scratchpadBytes = dnnl.dnnl_memory_desc_get_size(scratch);
        arguments.position(0).arg(dnnl.DNNL_ARG_SRC).memory(source);
        arguments.position(1).arg(dnnl.DNNL_ARG_WEIGHTS).memory(weights);
        arguments.position(2).arg(dnnl.DNNL_ARG_DST).memory(destination);
        arguments.position(3).arg(dnnl.DNNL_ARG_SCRATCHPAD).memory(scratchpad);
        arguments.position(0);
        dnnl.dnnl_primitive_attr_destroy(attributes);
        dnnl.dnnl_primitive_desc_destroy(description);
        dnnl.dnnl_memory_desc_destroy(in);
        dnnl.dnnl_memory_desc_destroy(weight);
        dnnl.dnnl_memory_desc_destroy(out);
    }

    private static dnnl_memory_desc matrix(long rows, long columns, int order) {
        dnnl_memory_desc description = new dnnl_memory_desc();
        OneDnnException.check(
                dnnl.dnnl_memory_desc_create_with_tag(description, 2, new long[] {rows, columns}, dnnl.dnnl_f32, order),
                "describe a matrix [" + rows + ", " + columns + "]");
        return description;
    }

    private static dnnl_memory memory(dnnl_engine engine, dnnl_memory_desc description) {
        dnnl_memory memory = new dnnl_memory();
        OneDnnException.check(
                dnnl.dnnl_memory_create(memory, description, engine, new Pointer()), "make a view of memory");
        return memory;
    }

    private static String implementation(dnnl_primitive_desc description) {
        try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
            OneDnnException.check(
                    dnnl.dnnl_primitive_desc_query(description, dnnl.dnnl_query_impl_info_str, 0, text),
                    "tell how it multiplies");
            return text.get(BytePointer.class, 0).getString();
        }
    }

    /** Names oneDNN's implementation, as {@code brg_matmul:avx512_core}. */
    String implementation() {
        return implementation;
    }

    void run(Pointer x, Pointer weight, Pointer out, Scratchpad scratch) {
        dnnl.dnnl_memory_set_data_handle(source, x);
        dnnl.dnnl_memory_set_data_handle(weights, weight);
        dnnl.dnnl_memory_set_data_handle(destination, out);
        dnnl.dnnl_memory_set_data_handle(scratchpad, scratch.atLeast(scratchpadBytes));
        OneDnnException.check(
                dnnl.dnnl_primitive_execute(primitive, stream, ARGUMENTS, arguments), "multiply by " + implementation);
        OneDnnException.check(dnnl.dnnl_stream_wait(stream), "multiply by " + implementation);
    }

    @Override
    public void close() {
        arguments.close();
        dnnl.dnnl_memory_destroy(source);
        dnnl.dnnl_memory_destroy(weights);
        dnnl.dnnl_memory_destroy(destination);
        dnnl.dnnl_memory_destroy(scratchpad);
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_stream_destroy(stream);
    }
}
