package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;

/** The keys by which Qwen 2 and 3 say which layers attend to a window: from {@code max_window_layers} on, if any. */
final class QwenWindow {
    private static final String LIMIT = "max_window_layers";
    private static final Range LIMITS = Range.atLeast(0);

    private QwenWindow() {}

    static ImmutableList<String> types(ModelConfig config) {
        int limit = config.integer(LIMIT, LIMITS);
        boolean windowed = isWindowed(config);
        ImmutableList<String> types = LayerTypes.read(config, i -> windowed && i >= limit);
        return windowed ? types : ImmutableList.copyOf(java.util.Collections.nCopies(types.size(), LayerTypes.FULL));
    }

    static ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        int limit = config.integer(LIMIT, LIMITS);
        if (isWindowed(config) && limit < plan.originalSize()) {
            long below = plan.layers().stream()
                    .filter(layer -> layer.base().index() < limit)
                    .count();
            collapsed = collapsed.with(LIMIT, Math.toIntExact(below));
        }
        return LayerTypes.keep(config, collapsed, plan, QwenWindow::types);
    }

    private static boolean isWindowed(ModelConfig config) {
        return config.flag("use_sliding_window", false) && config.has("sliding_window");
    }
}
