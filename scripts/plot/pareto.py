#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots two outputs of a sweep's points: the Pareto front (both as low as can be) as a staircase, its
points told apart by the input that matters most, all other points faint. Writes PREFIX.pdf and .png.

Points that do different work (model, phase, context, batch) are not compared: each work has a panel, of more
than 8 the first ones; --where takes others. A view ends a little beyond its front and the points next to
it; the title says how many lie farther out. Axes are logarithmic where a front spans more than a decade.

The input is the one that tells most of both outputs over all points, of those with at most 8 values on
the fronts, else of all; --by takes another one. More than 8 values become ranges.

Example: addax sweep array-shape
         scripts/plot/pareto.py array-shape.sqlite front
"""
from collections import Counter

import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, MARKERS, legend_below, plt
from matplotlib.lines import Line2D

FAINT = "#ABABAB"  # the last colour, a grey, is too near
RANGES = 5  # of values that are too many
PANELS = 8
MARGIN = 0.4  # of a front's span, that is seen beyond it
LEAST_MARGIN = 0.1  # of its end, where it spans little
NEAREST = 4  # dominated points that are seen in any case, where there are twice as many


def grouping(results, rows, front, told, arguments):
    """The input that tells the front's points apart, or None: all are equal."""
    if arguments.by is not None:
        results.require(arguments.by, "--by")
        return arguments.by
    keys = sweeps.varying(results, rows)
    ordered = [key for key in sweeps.by_importance(rows, keys, [arguments.x, arguments.y])
               if key not in told and len(sweeps.values_of(front, key)) > 1]
    few = [key for key in ordered if len(sweeps.values_of(front, key)) <= len(MARKERS)]
    return next(iter(few + ordered), None)


def groups_of(front, key):
    """(name, its values), at most as many as there are markers."""
    values = sweeps.values_of(front, key)
    input_ = labels.Input(key, values)
    if len(values) <= len(MARKERS):
        return [(input_.text(value), [value]) for value in values]
    if all(isinstance(value, (int, float)) for value in values):
        size = -(-len(values) // RANGES)
        ranges = [values[i:i + size] for i in range(0, len(values), size)]
        return [(" to ".join(map(input_.text, dict.fromkeys((of[0], of[-1])))), of) for of in ranges]
    often = [value for value, _ in
             Counter(row[key] for row in front).most_common(len(MARKERS) - 1)]
    return [(input_.text(value), [value]) for value in often] + [
        ("others", [value for value in values if value not in often])]


def nearest(front, others, columns):
    """The dominated points that exceed the ends of a front least: they are seen too."""
    ends = {column: max(row[column] for row in front) for column in columns}
    count = min(NEAREST, -(-len(others) // 2))
    return sorted(others, key=lambda row: max((row[column] - end) / (abs(end) or 1.0)
                                              for column, end in ends.items()))[:count]


def view_of(front, near, others, column):
    """The ends of an axis, and whether it is logarithmic. No point is below the front's lowest."""
    values = [row[column] for row in front]
    low, high = min(values), max(values)
    last = max(values + [row[column] for row in others])
    reach = max(values + [row[column] for row in near])
    wide = labels.is_wide(values + [reach])
    if wide:
        upper = min(last, max(reach, high * (high / low) ** MARGIN))
        pad = (upper / low) ** 0.06
        return (low / pad, upper * pad), wide
    upper = min(last, max(reach, high + max(MARGIN * (high - low), LEAST_MARGIN * abs(high))))
    pad = 0.06 * (upper - low) or 0.06 * abs(low) or 1.0
    return (low - pad, upper + pad), wide


class Panel:
    """A work: its points, their front, and the part of the plane that is seen."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.front = sweeps.front_of(rows, *columns)
        on_front = {row["id"] for row in self.front}
        self.others = [row for row in rows if row["id"] not in on_front]
        near = nearest(self.front, self.others, columns)
        self.views = [view_of(self.front, near, self.others, column) for column in columns]
        self.beyond = sum(any(row[column] > ends[1] for column, (ends, _) in zip(columns, self.views))
                          for row in self.others)

    def places(self, rows, scales):
        return [tuple(row[column] / scale.factor for column, scale in zip(self.columns, scales))
                for row in rows]

    def draw(self, axes, scales, key, groups, bins):
        (left, right), (low, high) = (
            [end / scale.factor for end in ends] for scale, (ends, _) in zip(scales, self.views))
        for axis, ends, (_, wide) in zip((axes.xaxis, axes.yaxis), ((left, right), (low, high)),
                                         self.views):
            labels.set_scale(axis, ends, wide, bins)
        if self.others:
            axes.plot(*zip(*self.places(self.others, scales)), **dominated(len(self.others)))
        # A staircase from the upper end of the panel to its right end.
        points = self.places(self.front, scales)
        axes.plot([points[0][0], *(x for x, _ in points), right],
                  [high, *(y for _, y in points), points[-1][1]], drawstyle="steps-post",
                  color="#000000", linewidth=0.6, zorder=1)
        for i, (_, values) in enumerate(groups):
            of_group = [row for row in self.front if values is None or row[key] in values]
            if of_group:
                axes.plot(*zip(*self.places(of_group, scales)), **on_front(i))
        axes.set_xlim(left, right)
        axes.set_ylim(low, high)
        axes.grid(True, which="major", linewidth=0.3, color="#DDDDDD")
        axes.set_axisbelow(True)


def dominated(count):
    return {"linestyle": "none", "marker": ".", "color": FAINT, "markeredgewidth": 0, "zorder": 2,
            "markersize": 4 if count < 200 else 3}


def on_front(group):
    return {"linestyle": "none", "marker": MARKERS[group], "color": COLOURS[group % 7],
            "markersize": 4.5, "markeredgecolor": "#FFFFFF", "markeredgewidth": 0.4, "zorder": 3}


def title_of(panels, count, told):
    front, points, beyond = (sum(of) for of in zip(*(
        (len(panel.front), len(panel.rows), panel.beyond) for panel in panels)))
    few = f"the first {len(panels)} of {count} fronts" if count > len(panels) else f"{count} fronts"
    return [f"{front} of {points} points on " + (
        "the front" if count == 1 else
        few + ", one for each " + ", ".join(map(labels.within, labels.names_of(told)))),
        beyond and f"{beyond} points beyond the view"]


def put_panels(panels, scales, key, groups, told):
    """A figure of a panel each, two side by side if there are several."""
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    figure, grid = plt.subplots(down, across, squeeze=False, figsize=(
        COLUMN_INCHES, 2.5 if len(panels) == 1 else 0.8 + 1.25 * down))
    for axes, panel in zip(grid.flat, panels):
        panel.draw(axes, scales, key, groups, 6 if across == 1 else 3)
        if len(panels) > 1:
            axes.set_title(labels.work_text(panel.rows[0], told), fontsize=6, pad=2)
    for axes in grid.flat[len(panels):]:
        axes.remove()
    for i, axes in enumerate(grid.flat[:len(panels)]):
        if i % across == 0:
            axes.set_ylabel(scales[1].label)
        if i + across >= len(panels):
            axes.set_xlabel(scales[0].label)
    return figure


def draw(results, arguments):
    all_rows = results.done()
    rows = results.done(arguments.where)
    columns = (arguments.x, arguments.y)
    for option, column in zip(("--x", "--y"), columns):
        rows = results.numbers(rows, column, option)
    works = sweeps.works_of(results, rows, columns)
    told = sweeps.telling(works)
    panels = [Panel(work, columns) for work in works[:PANELS]]
    front = [row for panel in panels for row in panel.front]
    key = grouping(results, rows, front, told, arguments)
    same = [each for each in sweeps.varying(results, rows) if len({row[each] for row in front}) == 1]
    groups = groups_of(front, key) if key else [
        (labels.point_text(front[0], same) or "Pareto front", None)]
    scales = [labels.Scale(column, [end for panel in panels for end in panel.views[i][0]])
              for i, column in enumerate(columns)]
    figure = put_panels(panels, scales, key, groups, told)
    labels.put_title(figure, labels.plain(results.name), *title_of(panels, len(works), told),
                     labels.fixed_text(results, rows, all_rows))
    looks = [("dominated", dominated(0))] if any(panel.others for panel in panels) else []
    looks += [(labels.broken(name, 40), on_front(i)) for i, (name, _) in enumerate(groups)]
    legend_below(figure, [Line2D([], [], **look) for _, look in looks], [name for name, _ in looks],
                 labels.Input(key, sweeps.values_of(front, key)).label if key else None)
    return figure


def parser():
    words = sweeps.parser_of(__doc__)
    words.add_argument("--x", metavar="COLUMN", default="energy_j", help="default energy_j")
    words.add_argument("--y", metavar="COLUMN", default="latency_s", help="default latency_s")
    words.add_argument("--by", metavar="KEY", help="input that tells the front's points apart")
    return words


if __name__ == "__main__":
    sweeps.main(parser(), draw)
