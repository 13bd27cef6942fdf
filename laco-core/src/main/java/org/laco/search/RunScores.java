package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.laco.CollapsePlan;
import org.laco.Evaluation;
import org.laco.refit.RunFits;

/** Measures single runs of the original model, fitted first if a refit was asked for, unless a search before has done so. */
final class RunScores implements AutoCloseable {
    private final SearchSession session;
    private final int most;
    /** The fits, begun at the first layer with a run that isn't known. */
    private RunFits fits;

    private RunScores(SearchSession session, int most) {
        this.session = session;
        this.most = most;
    }

    /**
     * Starts at the lowest layer.
     *
     * @param most the most layers that are merged into one
     */
    static RunScores of(SearchSession session, int most) {
        return new RunScores(session, most);
    }

    /**
     * Measures runs that start at one layer, which is above that of the last call.
     *
     * @param layer the layer
     * @param plans for each run a plan that merges it alone
     * @param lengths for each run the number of layers merged into the lowest
     */
    ImmutableList<Evaluation> measure(int layer, List<CollapsePlan> plans, List<Integer> lengths) {
        if (session.refit().isEmpty()) {
            return session.evaluate(plans);
        }
        Map<CollapsePlan, Evaluation> known = session.fitted();
        List<CollapsePlan> unknown = new ArrayList<>();
        List<Integer> unknownLengths = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            if (!known.containsKey(plans.get(i))) {
                unknown.add(plans.get(i));
                unknownLengths.add(lengths.get(i));
            }
        }
        if (!unknown.isEmpty()) {
            ImmutableList<CollapsePlan> fitted = fitsAt(layer)
                    .fit(CollapsePlan.identity(plans.get(0).originalSize()), layer, unknown, unknownLengths);
            ImmutableList<Evaluation> measured = session.evaluateOnce(fitted);
            for (int i = 0; i < unknown.size(); i++) {
                known.put(unknown.get(i), measured.get(i));
            }
        }
        return plans.stream().map(known::get).collect(ImmutableList.toImmutableList());
    }

    private RunFits fitsAt(int layer) {
        if (fits == null) {
            fits = RunFits.of(
                    session.stack(),
                    session.calibration(),
                    session.refit().orElseThrow(),
                    layer,
                    most,
                    session.listener());
        } else {
            fits.moveTo(layer);
        }
        return fits;
    }

    @Override
    public void close() {
        if (fits != null) {
            fits.close();
        }
    }
}
