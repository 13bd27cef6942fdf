package org.laco.cli.option;

import picocli.CommandLine.Option;

/** How large the files of written weights become. */
public final class ShardOptions {
    @Option(
            names = "--max-shard-size",
            paramLabel = "SIZE",
            order = 40,
            defaultValue = "5GB",
            description = "Start another file when one would grow beyond this, such as 500MB or 2GiB. "
                    + "Default: ${DEFAULT-VALUE}.")
    private ByteSize maxSize;

    /**
     * Returns the most that one file holds, unless one tensor is larger.
     *
     * @return bytes of tensors
     */
    public long maxBytes() {
        return maxSize.bytes();
    }
}
