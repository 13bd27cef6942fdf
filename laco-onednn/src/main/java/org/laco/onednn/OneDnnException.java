package org.laco.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** oneDNN refused to do something. */
final class OneDnnException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private OneDnnException(int status, String task) {
        super("oneDNN could not " + task + ": its status is " + status);
    }

    /** Checks the status of a call that was to do something. */
    static void check(int status, String task) {
        if (status != dnnl.dnnl_success) {
            throw new OneDnnException(status, task);
        }
    }
}
