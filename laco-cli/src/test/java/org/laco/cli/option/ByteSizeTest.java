package org.laco.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteSizeTest {
    @Test
    void readsSizesAsPeopleWriteThem() {
        assertThat(ByteSize.parse("5GB").bytes()).isEqualTo(5_000_000_000L);
        assertThat(ByteSize.parse("500 mb").bytes()).isEqualTo(500_000_000L);
        assertThat(ByteSize.parse("2GiB").bytes()).isEqualTo(2_147_483_648L);
        assertThat(ByteSize.parse("1.5k").bytes()).isEqualTo(1_500L);
        assertThat(ByteSize.parse("123").bytes()).isEqualTo(123L);
    }

    @Test
    void refusesWhatIsNoSize() {
        assertThatThrownBy(() -> ByteSize.parse("0")).hasMessage("'0' is no size of a file");
        assertThatThrownBy(() -> ByteSize.parse("99999999TB")).hasMessage("'99999999TB' is no size of a file");
        assertThatThrownBy(() -> ByteSize.parse("-1GB"))
                .hasMessage("'-1GB' is not a size, expected one such as 5GB, 500MB or 2GiB");
    }
}
