package org.laco.onednn;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Something that oneDNN compiled, with the places of its arguments, for use by one thread at a time. */
final class CompiledPrimitive implements AutoCloseable {
    private final String task;
    private final String implementation;
    private final dnnl_stream stream = new dnnl_stream();
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_memory[] places;
    private final dnnl_exec_arg_t arguments;
    private final long scratchpadBytes;

    /**
     * Compiles a description, which it takes over, for the number of threads that OpenMP has for the calling one.
     *
     * @param task what is compiled, for errors
     * @param numbers oneDNN's numbers of the arguments; the scratchpad comes after them
     * @param layouts how each of them lies in memory
     */
    CompiledPrimitive(
            dnnl_engine engine,
            String task,
            dnnl_primitive_desc description,
            int[] numbers,
            dnnl_memory_desc[] layouts) {
        this.task = task;
        this.implementation = implementation(description);
        OneDnnException.check(dnnl.dnnl_primitive_create(primitive, description), "compile " + task);
        OneDnnException.check(
                dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_in_order), "make a stream for " + task);
        // Belongs to the description.
        dnnl_memory_desc scratchpad = dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
        scratchpadBytes = dnnl.dnnl_memory_desc_get_size(scratchpad);
        places = new dnnl_memory[numbers.length + 1];
        arguments = new dnnl_exec_arg_t(places.length);
        for (int i = 0; i < places.length; i++) {
            boolean last = i == numbers.length;
            places[i] = place(engine, last ? scratchpad : layouts[i]);
            arguments
                    .position(i)
                    .arg(last ? dnnl.DNNL_ARG_SCRATCHPAD : numbers[i])
                    .memory(places[i]);
        }
        arguments.position(0);
        dnnl.dnnl_primitive_desc_destroy(description);
    }

    private dnnl_memory place(dnnl_engine engine, dnnl_memory_desc layout) {
        dnnl_memory place = new dnnl_memory();
        OneDnnException.check(
                dnnl.dnnl_memory_create(place, layout, engine, new Pointer()), "place the arguments of " + task);
        return place;
    }

    private String implementation(dnnl_primitive_desc description) {
        try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
            OneDnnException.check(
                    dnnl.dnnl_primitive_desc_query(description, dnnl.dnnl_query_impl_info_str, 0, text),
                    "name its way of " + task);
            return text.get(BytePointer.class, 0).getString();
        }
    }

    /** Names oneDNN's implementation, as {@code brg_matmul:avx512_core}. */
    String implementation() {
        return implementation;
    }

    /** Returns how much scratch memory a run needs. */
    long scratchpadBytes() {
        return scratchpadBytes;
    }

    /** Runs with arguments in the order of their numbers, the scratchpad last. */
    void run(Pointer... data) {
        for (int i = 0; i < places.length; i++) {
            OneDnnException.check(dnnl.dnnl_memory_set_data_handle(places[i], data[i]), "place arguments of " + task);
        }
        OneDnnException.check(dnnl.dnnl_primitive_execute(primitive, stream, places.length, arguments), task);
        OneDnnException.check(dnnl.dnnl_stream_wait(stream), task);
    }

    @Override
    public void close() {
        arguments.close();
        for (dnnl_memory place : places) {
            dnnl.dnnl_memory_destroy(place);
        }
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_stream_destroy(stream);
    }
}
