package org.laco.page;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;

/**
 * A matrix of values about layers as colours, each column and row labelled, with the values to three digits.
 *
 * @param title what stands above it
 * @param xTitle what columns are
 * @param yTitle what rows are
 * @param firstColumn the label of the first column
 * @param firstRow the label of the lowest row
 * @param values the value of each column and row, NaN where there is none
 * @param scale the values at the ends of the colours; those beyond have the colour of the end, and the legend says so
 * @param chosen the cells that are marked
 * @param chosenMeaning what the mark says
 */
public record HeatMap(
        String title,
        String xTitle,
        String yTitle,
        int firstColumn,
        int firstRow,
        double[][] values,
        Range<Double> scale,
        ImmutableSet<Cell> chosen,
        String chosenMeaning) {
    private static final double LEFT = 56;
    private static final double TOP = 54;
    private static final double WIDTH = 38;
    private static final double HEIGHT = 24;
    private static final double LEGEND = 130;

    /** With more, there is no room for numbers in the cells: they are shown of the cell that is pointed at. */
    private static final int COLUMNS_WITH_NUMBERS = 64;

    private static final double NARROW = 22;
    private static final int STEPS = 40;
    private static final int LABELS = 5;

    /**
     * A place in the matrix.
     *
     * @param column the number of the column, from 0
     * @param row the number of the row, from 0
     */
    public record Cell(int column, int row) {}

    /** Checks that the scale has two ends. */
    public HeatMap {
        checkArgument(scale.lowerEndpoint() < scale.upperEndpoint(), "the scale %s of a heatmap has no colours", scale);
    }

    /**
     * Draws it for a page.
     *
     * @return the picture
     */
    public Markup svg() {
        return picture().holding(drawing());
    }

    /**
     * Draws it as a file of its own.
     *
     * @return the file's content
     */
    public String file() {
        return SvgFile.of(picture(), drawing());
    }

    private Tag picture() {
        return SvgFile.picture(right() + LEGEND, bottom() + 46, title).with("class", "heat");
    }

    private int columns() {
        return values.length;
    }

    private int rows() {
        return values[0].length;
    }

    private boolean numbers() {
        return columns() <= COLUMNS_WITH_NUMBERS;
    }

    private double width() {
        return numbers() ? WIDTH : NARROW;
    }

    private double right() {
        return LEFT + columns() * width();
    }

    private double bottom() {
        return TOP + rows() * HEIGHT;
    }

    private List<Markup> drawing() {
        List<Markup> pieces = new ArrayList<>();
        pieces.add(words(LEFT, 20, "start").with("class", "title").text(title));
        if (!chosen.isEmpty()) {
            pieces.add(box(LEFT, 30, 12, 12).with("class", "chosen").holding());
            pieces.add(words(LEFT + 20, 40, "start").with("class", "faint").text(chosenMeaning));
        }
        for (int column = 0; column < columns(); column++) {
            pieces.add(words(LEFT + (column + 0.5) * width(), bottom() + 16, "middle")
                    .text(String.valueOf(firstColumn + column)));
        }
        for (int row = 0; row < rows(); row++) {
            pieces.add(words(LEFT - 8, top(row) + HEIGHT / 2 + 4, "end").text(String.valueOf(firstRow + row)));
        }
        pieces.add(words((LEFT + right()) / 2, bottom() + 38, "middle").text(xTitle));
        pieces.add(words(0, 0, "middle")
                .with("transform", "translate(16 " + (TOP + bottom()) / 2 + ") rotate(-90)")
                .text(yTitle));
        for (int column = 0; column < columns(); column++) {
            for (int row = 0; row < rows(); row++) {
                if (!Double.isNaN(values[column][row])) {
                    pieces.add(cell(column, row));
                }
            }
        }
        chosen.forEach(
                cell -> pieces.add(box(LEFT + cell.column() * width() + 1, top(cell.row()) + 1, width() - 2, HEIGHT - 2)
                        .with("class", "chosen")
                        .with("data-cell", cell.column() + "," + cell.row())
                        .holding()));
        pieces.addAll(legend());
        return pieces;
    }

    /** The lowest row is at the bottom, as on an axis. */
    private double top(int row) {
        return bottom() - (row + 1) * HEIGHT;
    }

    private Markup cell(int column, int row) {
        double value = values[column][row];
        double share = share(value);
        List<Markup> pieces = new ArrayList<>();
        pieces.add(Tag.of("title")
                .text(xTitle + " " + (firstColumn + column) + ", " + yTitle + " " + (firstRow + row) + ": "
                        + number(value)));
        double x = LEFT + column * width();
        pieces.add(box(x, top(row), width(), HEIGHT)
                .with("fill", ColourMap.colour(share))
                .holding());
        if (numbers()) {
            pieces.add(words(x + width() / 2, top(row) + HEIGHT / 2 + 4, "middle")
                    .with("style", "fill:" + ColourMap.letters(share) + ";font-size:10.5px")
                    .text(number(value)));
        }
        return Tag.of("g").holding(pieces);
    }

    private double share(double value) {
        return (value - scale.lowerEndpoint()) / (scale.upperEndpoint() - scale.lowerEndpoint());
    }

    private List<Markup> legend() {
        List<Markup> pieces = new ArrayList<>();
        double x = right() + 24;
        double height = Math.min(bottom() - TOP, 240);
        for (int step = 0; step < STEPS; step++) {
            pieces.add(box(x, TOP + height * (STEPS - 1 - step) / STEPS, 16, height / STEPS + 0.5)
                    .with("fill", ColourMap.colour((step + 0.5) / STEPS))
                    .holding());
        }
        int labels = height < 60 ? 2 : LABELS;
        for (int label = 0; label < labels; label++) {
            double share = (double) label / (labels - 1);
            double value = scale.lowerEndpoint() + share * (scale.upperEndpoint() - scale.lowerEndpoint());
            String beyond = label == 0 && isBelow() ? "≤ " : label == labels - 1 && isAbove() ? "≥ " : "";
            pieces.add(words(x + 24, TOP + height * (1 - share) + 4, "start").text(beyond + number(value)));
        }
        return pieces;
    }

    private boolean isBelow() {
        return anyValue(value -> share(value) < -1e-9);
    }

    private boolean isAbove() {
        return anyValue(value -> share(value) > 1 + 1e-9);
    }

    private boolean anyValue(DoublePredicate what) {
        return Arrays.stream(values).flatMapToDouble(Arrays::stream).anyMatch(what);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static Tag words(double x, double y, String anchor) {
        return Tag.of("text").with("x", x).with("y", y).with("text-anchor", anchor);
    }

    private static Tag box(double x, double y, double width, double height) {
        return Tag.of("rect").with("x", x).with("y", y).with("width", width).with("height", height);
    }
}
