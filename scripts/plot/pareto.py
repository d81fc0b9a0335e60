#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots two outputs of a sweep's points: the Pareto front (both as low as can be) as a staircase, its
points told apart by the input that matters most, all other points faint. Writes PREFIX.pdf and .png.

The input is the one that tells most of both outputs over all points, of those with at most 8 values;
--by takes another one.

Example: addax sweep array-shape
         scripts/plot/pareto.py array-shape.sqlite front
"""
import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, MARKERS, InputError, legend_below, plt

FAINT = "#ABABAB"  # the last colour, a grey, is too near


def grouping(results, rows, front, arguments):
    """The input that tells the front's points apart, or None: there is none with few values."""
    if arguments.by is not None:
        results.require(arguments.by, "--by")
        values = sweeps.values_of(front, arguments.by)
        if len(values) > len(MARKERS):
            raise InputError(f"--by: {arguments.by} has {len(values)} values on the front; "
                             f"allowed: an input with at most {len(MARKERS)}")
        return arguments.by
    keys = [key for key in sweeps.varying(results, rows)
            if 1 < len(sweeps.values_of(front, key)) <= len(MARKERS)]
    ordered = sweeps.by_importance(rows, keys, [arguments.x, arguments.y])
    return ordered[0] if ordered else None


def draw_front(axes, points):
    """A staircase from the upper end of the panel to its right end."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    across = [points[0][0], *(x for x, _ in points), right]
    up = [high, *(y for _, y in points), points[-1][1]]
    axes.plot(across, up, drawstyle="steps-post", color="#000000", linewidth=0.6, zorder=1)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def draw(results, arguments):
    all_rows = results.done()
    rows = results.done(arguments.where)
    columns = (arguments.x, arguments.y)
    for option, column in zip(("--x", "--y"), columns):
        rows = results.numbers(rows, column, option)
    front = sweeps.front_of(rows, *columns)
    scales = [labels.Scale(column, [row[column] for row in rows]) for column in columns]
    key = grouping(results, rows, front, arguments)

    def places(of):
        return [tuple(row[column] / scale.factor for column, scale in zip(columns, scales))
                for row in of]
    figure, axes = plt.subplots(figsize=(COLUMN_INCHES, 2.5))
    for axis, values in zip((axes.xaxis, axes.yaxis), zip(*places(rows))):
        labels.set_scale(axis, values)
    handles, names = [], []
    on_front = {row["id"] for row in front}
    others = [row for row in rows if row["id"] not in on_front]
    if others:
        handles += axes.plot(*zip(*places(others)), linestyle="none", marker=".", color=FAINT,
                             markersize=4 if len(others) < 200 else 3,
                             markeredgewidth=0, zorder=2)
        names.append("dominated")
    values = sweeps.values_of(front, key) if key else [None]
    input_ = labels.Input(key, values) if key else None
    alone = labels.point_text(front[0], sweeps.varying(results, rows)) if len(front) == 1 else ""
    for i, value in enumerate(values):
        of_value = [row for row in front if not key or row[key] == value]
        handles += axes.plot(*zip(*places(of_value)), linestyle="none", marker=MARKERS[i],
                             color=COLOURS[i % 7], markersize=4.5, markeredgecolor="#FFFFFF",
                             markeredgewidth=0.4, zorder=3)
        names.append(labels.broken(input_.text(value), 40) if key else
                     labels.broken(alone, 50) if alone else "Pareto front")
    axes.margins(0.06)
    draw_front(axes, places(front))
    axes.set_xlabel(scales[0].label)
    axes.set_ylabel(scales[1].label)
    axes.grid(True, which="major", linewidth=0.3, color="#DDDDDD")
    axes.set_axisbelow(True)
    labels.put_title(figure, labels.plain(results.name),
                     f"{len(front)} of {len(rows)} points on the front",
                     labels.fixed_text(results, rows, all_rows))
    legend_below(figure, handles, names, input_.label if input_ else None)
    return figure


def parser():
    words = sweeps.parser_of(__doc__)
    words.add_argument("--x", metavar="COLUMN", default="energy_j", help="default energy_j")
    words.add_argument("--y", metavar="COLUMN", default="latency_s", help="default latency_s")
    words.add_argument("--by", metavar="KEY", help="input that tells the front's points apart")
    return words


if __name__ == "__main__":
    sweeps.main(parser(), draw)
