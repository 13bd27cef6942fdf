package org.laco.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.laco.train.TrainingStep;
import org.laco.train.ValidationLoss;

/** Draws the loss of each step, and that on the validation text, over the tokens as SVG. */
final class LossCurvePicture {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 560;
    private static final int LEFT = 80;
    private static final int RIGHT = 870;
    private static final int TOP = 50;
    private static final int BOTTOM = 490;
    private static final int TICKS = 5;

    private final List<double[]> steps = new ArrayList<>();
    private final List<double[]> validations = new ArrayList<>();
    private final double tokens;
    private final double lowest;
    private final double highest;

    LossCurvePicture(List<TrainingStep> steps, List<ValidationLoss> validations) {
        steps.forEach(step -> this.steps.add(new double[] {step.tokens(), step.loss()}));
        validations.forEach(validation -> this.validations.add(new double[] {
            validation.step() == 0 ? 0 : steps.get((int) validation.step() - 1).tokens(), validation.loss()
        }));
        this.tokens =
                Math.max(1, steps.isEmpty() ? 1 : steps.get(steps.size() - 1).tokens());
        this.lowest = losses().min().orElse(0);
        double most = losses().max().orElse(1);
        this.highest = most > lowest ? most : lowest + 1;
    }

    private DoubleStream losses() {
        return DoubleStream.concat(
                        steps.stream().mapToDouble(point -> point[1]),
                        validations.stream().mapToDouble(point -> point[1]))
                .filter(Double::isFinite);
    }

    String draw() {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"14\">%n",
                WIDTH, HEIGHT));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int tick = 0; tick <= TICKS; tick++) {
            double loss = lowest + (highest - lowest) * tick / TICKS;
            line(svg, LEFT, y(loss), RIGHT, y(loss));
            text(svg, LEFT - 8, y(loss) + 5, "end", String.format(Locale.ROOT, "%.4g", loss));
            double token = tokens * tick / TICKS;
            text(svg, x(token), BOTTOM + 22, "middle", String.format(Locale.ROOT, "%,d", Math.round(token)));
        }
        text(svg, (LEFT + RIGHT) / 2.0, HEIGHT - 18, "middle", "tokens trained on");
        curve(svg, steps, "#9aa5b1", 1);
        curve(svg, validations, "#1f5fa8", 2);
        text(svg, RIGHT, TOP - 20, "end", "loss in nats: each step grey, validation text blue");
        for (double[] point : validations) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#1f5fa8\"/>%n",
                    x(point[0]),
                    y(point[1])));
        }
        return svg.append("</svg>\n").toString().replace("\r\n", "\n");
    }

    private double x(double token) {
        return LEFT + (RIGHT - LEFT) * token / tokens;
    }

    private double y(double loss) {
        return BOTTOM - (BOTTOM - TOP) * (loss - lowest) / (highest - lowest);
    }

    private void curve(StringBuilder svg, List<double[]> points, String colour, int width) {
        svg.append(String.format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%d\" points=\"", colour, width));
        points.forEach(point -> svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point[0]), y(point[1]))));
        svg.append("\"/>\n");
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dde2e8\"/>%n",
                x1,
                y1,
                x2,
                y2));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }
}
