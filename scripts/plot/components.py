#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots the energy of a sweep's points by component, a stacked bar for each point. Writes PREFIX.pdf and
.png. Components stand in the same order, with the same colours and hatches, in all figures.

Where there are more than 24 points, the 24 with the lowest energy-delay product (EDP) are shown, the best
on top, as many of each work (model, phase, context, batch); --where takes others. At the end of a bar
stands the total.

Example: addax sweep array-shape
         scripts/plot/components.py array-shape.sqlite parts --where "arch.rows = 12"
"""
import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, InputError, legend_below, plt

MOST = 24
# As in addax.result/1. All differ in grey too, by lightness or hatch.
STYLES = {
    "dram": (COLOURS[5], ""),
    "buffer": (COLOURS[2], ""),
    "network": (COLOURS[3], "//////"),
    "scratchpad": (COLOURS[1], "\\\\\\\\\\\\"),
    "lut": (COLOURS[4], "xxxxxx"),
    "arithmetic": (COLOURS[6], "||||||"),
    "control": ("#FFFFFF", "......"),
    "leakage": ("#BFBFBF", "------"),
    "vector_unit": (COLOURS[0], ""),
}
OTHER_STYLE = ("#FFFFFF", "++++++")
BAR_INCHES = 0.17
LINE_INCHES = 0.1
LETTERS = 34  # of the labels of bars


def chosen(results, rows):
    """At most MOST points, the best of each work if there are more; and what they are."""
    if len(rows) <= MOST:
        return rows, None
    works = sweeps.works_of(results, results.numbers(rows, "edp_js", "components"))
    share = max(1, MOST // len(works))
    best = [sorted(work, key=lambda row: row["edp_js"])[:share] for work in works[:MOST]]
    kept = [row for work in best for row in work]
    if len(works) == 1:
        return kept, f"the {len(kept)} of {len(rows)} points with the lowest EDP"
    names = ", ".join(map(labels.within, labels.names_of(sweeps.telling(works))))
    few = f" of the first {MOST} of {len(works)}" if len(works) > MOST else ""
    return kept, f"the {share} of the lowest EDP for each {names}{few}"


def energies_of(results, rows):
    """Component: its energy in each of the points, J."""
    energies = {}
    places = {row["id"]: i for i, row in enumerate(rows)}
    marks = ", ".join("?" * len(rows))
    for part in results.query("select point, component, energy_j from components where energy_j is "
                              f"not null and point in ({marks}) order by component", list(places)):
        energies.setdefault(part["component"], [0.0] * len(rows))[places[part["point"]]] = (
            part["energy_j"])
    if not energies:
        raise InputError(f"{results.path}: components: has no energies of the points")
    order = list(STYLES)
    return dict(sorted(energies.items(), key=lambda item: order.index(item[0])
                       if item[0] in order else len(order)))


def draw_bars(axes, energies, scale):
    """Stacked bars, the first on top; gives the legend's handles and names."""
    handles, names = [], []
    left = [0.0] * len(next(iter(energies.values())))
    for component, values in energies.items():
        colour, hatch = STYLES.get(component, OTHER_STYLE)
        drawn = scale.of(values)
        handles.append(axes.barh(range(len(drawn)), drawn, left=left, height=0.72, color=colour,
                                 hatch=hatch, edgecolor="#000000", linewidth=0.25))
        names.append(labels.plain(labels.COMPONENTS.get(component, component.replace("_", " "))))
        left = [a + b for a, b in zip(left, drawn)]
    return handles, names


def draw(results, arguments):
    all_rows = results.done()
    passed = results.done(arguments.where)
    rows, few = chosen(results, passed)
    energies = energies_of(results, rows)
    totals = [sum(values) for values in zip(*energies.values())]
    scale = labels.Scale("energy_j", [max(totals)])
    bars = labels.Bars(sweeps.varying(results, rows, all_rows), rows, LETTERS)
    bar_inches = BAR_INCHES + LINE_INCHES * (labels.lines_in(bars.texts) - 1)
    figure, axes = plt.subplots(figsize=(COLUMN_INCHES, 1.25 + bar_inches * len(rows)))
    handles, names = draw_bars(axes, energies, scale)
    axes.set_yticks(range(len(rows)), bars.texts)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    for row, total in enumerate(scale.of(totals)):
        axes.annotate(labels.digits(total), (total, row), xytext=(1.5, 0), va="center",
                      textcoords="offset points", fontsize=5)
    axes.set_xlim(0.0, 1.14 * max(totals) / scale.factor)
    axes.set_xlabel(scale.label)
    labels.set_scale(axes.xaxis, [0.0, max(totals) / scale.factor])
    axes.grid(True, axis="x", linewidth=0.3, color="#DDDDDD")
    axes.set_axisbelow(True)
    labels.put_title(figure, labels.plain(results.name), few,
                     labels.fixed_text(results, rows, all_rows),
                     bars.heading and f"Bars: {bars.heading}")
    legend_below(figure, handles, names)
    return figure


def parser():
    return sweeps.parser_of(__doc__)


if __name__ == "__main__":
    sweeps.main(parser(), draw)
