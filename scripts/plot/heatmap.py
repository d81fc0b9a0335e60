#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots an output of a sweep's points over two of its axes, the lowest over all others: each cell is
the best that can be had with its two values. Values stand in the cells where they fit, the lowest of each
work (model, phase, context, batch) has a frame; cells all of whose points failed, or that the sweep does
not have, are hatched. Writes PREFIX.pdf and .png.

The axes are the two that matter most for the output (the variance of its logarithm along each), unless --x
and --y say otherwise. A cell compares points of the same work only: where other axes change it, their first
values are shown, as the title says; --where takes others.

Example: addax sweep array-shape
         scripts/plot/heatmap.py array-shape.sqlite shape --where "arch.rows >= 8"
"""
import textwrap

import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, InputError, legend_below, matplotlib, plt
from matplotlib.patches import Patch, Rectangle

MAP = "viridis"  # lightness rises with the value: it stays a scale in grey
FRAME = COLOURS[1]  # light, for the lowest cell is the darkest
CELL_POINTS = 5.5
CELL_INCHES = 0.24
MOST_INCHES = 3.6  # height of all cells
OTHER_INCHES = 1.25  # of title, colour bar and labels
LINE_INCHES = 0.1
LETTERS = 22  # of a tick's line
LETTERS_ACROSS = 44  # of all ticks side by side
NONE, FAILED = ("no point", "//////"), ("failed", "xxxxxx")


def chosen_axes(results, done, rows, arguments):
    """Two axes, x and y; one of them is None where only one varies."""
    given = [arguments.x, arguments.y]
    for option, key in zip(("--x", "--y"), given):
        if key is not None:
            results.require(key, option)
    if arguments.x is not None and arguments.x == arguments.y:
        raise InputError(f"--y: found '{arguments.y}'; allowed: another axis than --x")
    fixed = [key for key in given if key]
    varying = sweeps.varying(results, rows)
    left = [key for key in sweeps.by_importance(done, varying, [arguments.value])
            if key not in fixed and not any(sweeps.follows(rows, key, [other]) for other in fixed)]
    if fixed:
        return [key or (left[0] if left else None) for key in given]
    if not left:
        raise InputError(f"{results.path}: no axis varies; allowed: points that differ in an axis")
    if len(left) == 1:
        keys = [left[0], None]
    else:
        keys = sorted(left[:2], key=results.axes.index, reverse=True)

    def width(key):
        return max(labels.width_of(labels.Input(key, [value]).text(value))
                   for value in sweeps.values_of(rows, key))
    lengths = [width(key) if key else 0 for key in keys]
    return keys[::-1] if lengths[0] > max(lengths[1], 4) else keys


def cells_of(rows, keys, column):
    """For each pair of values the lowest of its points, None where all failed."""
    cells = {}
    for row in rows:
        place = tuple(row[key] if key else None for key in keys)
        value = row[column] if row["status"] == "done" else None
        if cells.setdefault(place, value) is None or (value is not None and value < cells[place]):
            cells[place] = value
    return cells


def of_one_work(results, done, rows, keys, column):
    """Points of `rows` of which no two in a cell do different work; the columns that tell works apart, and
    those of them that are no axis: they have the value of the first point."""
    told = sweeps.telling(sweeps.works_of(results, done, [column]))
    others = [key for key in told if not sweeps.follows(done, key, [k for k in keys if k])]
    # What failed has no MACs.
    kept = [row for row in rows if all(row[key] == done[0][key] for key in others
                                       if row["status"] == "done" or key != "macs")]
    return kept, told, others


def lowest_of(drawn, work_of):
    """The cells of the lowest value of their work; none where all have it."""
    ends = {}
    for place, value in drawn.items():
        low, high = ends.get(work_of[place], (value, value))
        ends[work_of[place]] = (min(low, value), max(high, value))
    return [place for place, value in drawn.items()
            if ends[work_of[place]][0] == value < ends[work_of[place]][1]]


def write_values(figure, axes, drawn, lowest, colour_of):
    """Values in all cells, if all of them fit, with three digits or else two."""
    figure.canvas.draw()
    cell = axes.transData.transform([(0, 0), (1, 1)]) / figure.dpi
    width, height = abs(cell[1] - cell[0])
    renderer = figure.canvas.get_renderer()
    probe = axes.text(0, 0, "", fontsize=CELL_POINTS, fontweight="bold")

    def inches(text):
        probe.set_text(text)
        return probe.get_window_extent(renderer).width / figure.dpi
    fit = {}
    for count in (3, 2):
        texts = {place: labels.digits(value, count) for place, value in drawn.items()}
        if max(map(inches, set(texts.values()))) < width - 0.03 and CELL_POINTS < 72 * height - 1:
            fit = texts
            break
    probe.remove()
    for place, text in fit.items():
        red, green, blue, _ = colour_of(drawn[place])
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        axes.text(*place, text, ha="center", va="center", fontsize=CELL_POINTS,
                  fontweight="bold" if place in lowest else "normal",
                  color="#FFFFFF" if dark else "#000000").set_in_layout(False)


def hatched(place, style, width=1, height=1):
    return Rectangle((place[0] - 0.5, place[1] - 0.5), width, height, facecolor="#FFFFFF",
                     edgecolor="#999999", hatch=style[1], linewidth=0)


def draw_cells(axes, cells, values, scale, works):
    """Colours, hatches, frames of the lowest; gives the colours, the values and which of them are lowest,
    and what the hatches mean. `works`: what each pair of values computes."""
    grid = {(i, k): (x, y) for i, x in enumerate(values[0]) for k, y in enumerate(values[1])}
    drawn = {place: cells[pair] / scale.factor for place, pair in grid.items()
             if cells.get(pair) is not None}
    wide = labels.is_wide(list(drawn.values()))
    ends = min(drawn.values()), max(drawn.values())
    norm = (matplotlib.colors.LogNorm if wide else matplotlib.colors.Normalize)(*ends)
    colours = plt.cm.ScalarMappable(norm, MAP)
    if len(cells) < len(grid):
        axes.add_patch(hatched((0, 0), NONE, len(values[0]), len(values[1])))
    for (x, y), value in drawn.items():
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colours.to_rgba(value),
                                 edgecolor="#FFFFFF", linewidth=0.3))
    failed = [place for place, pair in grid.items() if pair in cells and cells[pair] is None]
    for place in failed:
        axes.add_patch(hatched(place, FAILED))
    lowest = lowest_of(drawn, {place: works[grid[place]] for place in drawn})
    for x, y in lowest:
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor="none", edgecolor=FRAME,
                                 linewidth=1.2, zorder=4))
    styles = [style for style, any_ in ((NONE, len(cells) < len(grid)), (FAILED, failed)) if any_]
    return colours, drawn, lowest, styles


class Ticks:
    """The values of an axis as ticks, upright where they are too long side by side: as many as there is
    room for, at equal distances."""

    def __init__(self, key, values, across):
        input_ = labels.Input(key, values, LETTERS)
        self.label = input_.label
        texts = [labels.broken(input_.text(value), LETTERS) for value in values]
        self.letters = max(labels.width_of(line) for text in texts for line in text.split("\n"))
        self.lines = labels.lines_in(texts)
        self.upright = across and self.letters > 4 and self.letters * len(values) > LETTERS_ACROSS
        room = LETTERS_ACROSS // self.letters
        if self.upright or not across:
            room = int((2.4 if across else MOST_INCHES) / (LINE_INCHES * self.lines + 0.04))
        self.places = range(0, len(values), -(-len(values) // room))
        self.texts = [texts[place] for place in self.places]

    def apply(self, axis, inches):
        axis.set_ticks(self.places, self.texts)
        if self.upright:
            axis.set_tick_params(labelrotation=90)
        letters = max(10, int(inches / 0.06))
        axis.set_label_text("\n".join(labels.broken(line, letters) for line in textwrap.wrap(
            self.label, letters, break_long_words=False, break_on_hyphens=False)))


def with_ticks(keys, values):
    """A figure high enough for all cells, with the ticks of both axes, each a key or None."""
    x, y = (Ticks(key, of_axis, across) if key else None
            for key, of_axis, across in zip(keys, values, (True, False)))
    cell = max(CELL_INCHES, LINE_INCHES * y.lines + 0.05) if y else 0.3
    high = min(MOST_INCHES, cell * len(values[1]))
    upright = 0.05 * x.letters if x and x.upright else 0.0
    figure, axes = plt.subplots(figsize=(COLUMN_INCHES, high + upright + OTHER_INCHES))
    axes.set_xlim(-0.5, len(values[0]) - 0.5)
    axes.set_ylim(-0.5, len(values[1]) - 0.5)
    if any(isinstance(value, str) for value in values[1]):
        axes.invert_yaxis()  # words are read from the top
    axes.tick_params(length=0)
    for axis, ticks, inches in ((axes.xaxis, x, 0.7 * COLUMN_INCHES), (axes.yaxis, y, high)):
        if ticks:
            ticks.apply(axis, inches)
        else:
            axis.set_ticks([])
    return figure, axes


def draw(results, arguments):
    column = arguments.value
    done = results.numbers(results.done(arguments.where), column, "--value")
    rows = done + [row for row in results.points(arguments.where) if row["status"] != "done"]
    keys = chosen_axes(results, done, rows, arguments)
    rows, told, others = of_one_work(results, done, rows, keys, column)
    cells = cells_of(rows, keys, column)
    works = {tuple(row[key] if key else None for key in keys): tuple(row[key] for key in told)
             for row in rows if row["status"] == "done"}
    values = [sweeps.values_of(rows, key) if key else [None] for key in keys]
    scale = labels.Scale(column, [value for value in cells.values() if value is not None])
    figure, axes = with_ticks(keys, values)
    colours, drawn, lowest, styles = draw_cells(axes, cells, values, scale, works)
    # As thick in maps of one row as in others.
    bar = figure.colorbar(colours, ax=axes, location="top", pad=0.02, aspect=35,
                          fraction=0.12 / (0.12 + figure.get_size_inches()[1] - OTHER_INCHES))
    bar.outline.set_linewidth(0.4)
    labels.set_scale(bar.ax.xaxis, list(drawn.values()))
    if len(set(drawn.values())) == 1:
        bar.set_ticks([next(iter(drawn.values()))])
    bar.set_label(scale.label)
    put_title(figure, results, rows, keys, scale, others and labels.work_text(done[0], others))
    if styles:
        patches = [Patch(facecolor="#FFFFFF", edgecolor="#999999", hatch=hatches, linewidth=0)
                   for _, hatches in styles]
        legend_below(figure, patches, [name for name, _ in styles])
    write_values(figure, axes, drawn, lowest, colours.to_rgba)
    return figure


def put_title(figure, results, rows, keys, scale, work):
    others = [key for key in sweeps.varying(results, rows)
              if key not in keys and not sweeps.follows(rows, key, [k for k in keys if k])]
    lowest = others and (f"lowest {labels.within(scale.name)} over " + ", ".join(
        map(labels.within, labels.names_of(others))))
    labels.put_title(figure, labels.plain(results.name), lowest,
                     f"{work} alone" if work else labels.fixed_text(results, rows, results.points()))


def parser():
    words = sweeps.parser_of(__doc__)
    words.add_argument("--x", metavar="KEY", help="axis of the sweep that runs across")
    words.add_argument("--y", metavar="KEY", help="axis of the sweep that runs up")
    words.add_argument("--value", metavar="COLUMN", default="edp_js", help="default edp_js")
    return words


if __name__ == "__main__":
    sweeps.main(parser(), draw)
