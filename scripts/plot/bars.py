#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots how much faster and how much more frugal a sweep's points are than their baselines: latency and
energy of the FP16 and of the same-bits array over those of the design, above 1 the design is better.
Writes PREFIX.pdf and .png.

A bar for each point where there are at most 12; else one for each design (what is equal in all inputs but
those that change the work: model, phase, context, batch), the geometric mean over what it computes. Of more
than 24 designs one for each value of the input that tells most of the ratios; --by takes another one. The
last bars are the geometric mean of all points.

Example: addax sweep my.yaml --out my.sqlite    # with run: {baseline: both}
         scripts/plot/bars.py my.sqlite speedup --by trace.weights
"""
import math

import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, InputError, legend_below, plt, ticker

MOST_POINTS = 12
MOST_BARS = 24
PANELS = [("latency_s", "Speed-up"), ("energy_j", "Energy reduction")]
STYLES = {"fp16": (COLOURS[2], ""), "same_bits": (COLOURS[5], "//////")}
NAMES = {"fp16": "v. FP16", "same_bits": "v. same bits"}
HELD = {"area": "of equal area", "throughput": "of equal throughput", "pe": "of as many PEs"}
LETTERS = 26


def ratios_of(results, rows):
    """Gives rows the ratios `speedup` of each panel and baseline; says which baselines there are, and
    the rows that have them."""
    baselines = [name for name in STYLES if all(
        f"{name}_{column}" in results.columns for column, _ in PANELS) and any(
            row[f"{name}_latency_s"] for row in rows)]
    for column, _ in PANELS:
        rows = results.numbers(rows, column, "bars")
    if not baselines:
        raise InputError(f"{results.path}: has no baselines; allowed: points with run.baseline: "
                         "both, fp16 or same-bits")
    kept = [row for row in rows
            if all(row[f"{name}_{column}"] for name in baselines for column, _ in PANELS)]
    if not kept:
        raise InputError(f"{results.path}: no point has all of its baselines "
                         f"({', '.join(baselines)}); allowed: --where for those of one")
    for row in kept:
        for name in baselines:
            for column, _ in PANELS:
                row[ratio(name, column)] = row[f"{name}_{column}"] / row[column]
    return baselines, kept


def ratio(baseline, column):
    return f"{baseline} over design: {column}"


def mean_of(rows, column):
    return math.exp(math.fsum(math.log(row[column]) for row in rows) / len(rows))


def groups_of(results, rows, all_rows, baselines, by):
    """What each bar stands for: a heading, (name, its points), and over which inputs these are means."""
    keys = sweeps.varying(results, rows, all_rows)
    told = sweeps.telling(sweeps.works_of(results, rows))
    design = [key for key in keys if key not in told]
    if by is not None:
        results.require(by, "--by")
    elif len(rows) <= MOST_POINTS:
        texts = labels.Bars(keys, rows, LETTERS)
        return texts.heading, [(text, [row]) for text, row in zip(texts.texts, rows)], []
    elif design and len(distinct(rows, design)) <= MOST_BARS:
        groups = distinct(rows, design)
        texts = labels.Bars(design, [group[0] for group in groups], LETTERS)
        return texts.heading, list(zip(texts.texts, groups)), told
    else:
        few = [key for key in design or keys if len(sweeps.values_of(rows, key)) <= MOST_BARS]
        if not few:
            raise InputError(f"{results.path}: {len(rows)} points, and no axis with at most "
                             f"{MOST_BARS} values; allowed: fewer points, by --where")
        by = sweeps.by_importance(rows, few, [ratio(name, column) for name in baselines
                                              for column, _ in PANELS])[0]
    values = sweeps.values_of(rows, by)
    if len(values) > MOST_BARS:
        raise InputError(f"--by: {by} has {len(values)} values; allowed: at most {MOST_BARS}")
    input_ = labels.Input(by, values, LETTERS)
    return input_.label, [(labels.broken(input_.text(value), LETTERS),
                           [row for row in rows if row[by] == value]) for value in values], [
        key for key in keys if not sweeps.follows(rows, key, [by])]


def distinct(rows, keys):
    """Groups of points that have some inputs equal, in the order of their first points."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(groups.values())


def baseline_text(name, rows):
    """A baseline, and what it has equal to the design (area, where the sweep does not say)."""
    held = {row.get("run.equal") or "area" for row in rows}
    return " ".join([NAMES[name]] + [HELD[word] for word in held if len(held) == 1 and word in HELD])


def ratio_text(value):
    return f"{value:.2f}" if value < 10 else labels.digits(value)


def draw_panel(axes, bars, label, wide):
    """Bars of each baseline beside one another. `bars`: baseline, ratios. On a logarithmic axis, which
    has no 0, they start where there is no difference."""
    height, start = 0.8 / len(bars), 1.0 if wide else 0.0
    all_ = [1.0, *(value for values in bars.values() for value in values)]
    handles = []
    for i, (name, values) in enumerate(bars.items()):
        colour, hatch = STYLES[name]
        places = [row + (i - (len(bars) - 1) / 2) * height for row in range(len(values))]
        handles.append(axes.barh(places, [value - start for value in values], left=start,
                                 height=height, color=colour, hatch=hatch, edgecolor="#000000",
                                 linewidth=0.3, zorder=2))
        for place, value in zip(places, values):
            axes.annotate(ratio_text(value), (max(value, 1.0), place), xytext=(2, 0),
                          textcoords="offset points", va="center", fontsize=5)
    axes.axvline(1.0, color="#000000", linewidth=0.7, zorder=3)
    low, high = min(all_), max(all_)
    labels.set_scale(axes.xaxis, [low if wide else 0.0, high], wide)
    if wide:
        axes.set_xlim(low / 1.2, high * (high / low) ** 0.35)
        axes.xaxis.set_minor_locator(ticker.NullLocator())
    else:
        axes.set_xlim(0.0, 1.32 * high)
    axes.set_xlabel(label)
    return handles


def draw(results, arguments):
    all_rows = results.done()
    baselines, rows = ratios_of(results, results.done(arguments.where))
    heading, groups, over = groups_of(results, rows, all_rows, baselines, arguments.by)
    means = any(len(of) > 1 for _, of in groups)
    if len(groups) > 1:
        groups = groups + [("geometric mean", rows)]
    bars = [{name: [mean_of(of, ratio(name, column)) for _, of in groups] for name in baselines}
            for column, _ in PANELS]
    wide = any(labels.is_wide(values + [1.0]) for panel in bars for values in panel.values())
    bar_inches = max(0.11 * len(baselines) + 0.04,
                     0.1 * labels.lines_in([name for name, _ in groups]) + 0.05)
    figure, panels = plt.subplots(1, 2, sharey=True, figsize=(
        COLUMN_INCHES, 1.1 + bar_inches * len(groups)))
    for axes, of_panel, (_, label) in zip(panels, bars, PANELS):
        handles = draw_panel(axes, of_panel, label, wide)
        axes.tick_params(axis="y", length=0)
        axes.grid(True, axis="x", linewidth=0.3, color="#DDDDDD")
        axes.set_axisbelow(True)
        if len(groups) > 1:
            axes.axhline(len(groups) - 1.5, color="#7F7F7F", linewidth=0.4)
    panels[0].set_yticks(range(len(groups)), [name for name, _ in groups])
    panels[0].set_ylim(len(groups) - 0.5, -0.5)
    labels.put_title(figure, labels.plain(results.name),
                     means and f"geometric means of {len(rows)} points" + (
                         ", over " + ", ".join(map(labels.within, labels.names_of(over)))
                         if over else ""),
                     labels.fixed_text(results, rows, all_rows), heading and f"Bars: {heading}")
    legend_below(figure, handles, [baseline_text(name, rows) for name in baselines])
    return figure


def parser():
    words = sweeps.parser_of(__doc__)
    words.add_argument("--by", metavar="KEY", help="input whose values are the bars")
    return words


if __name__ == "__main__":
    sweeps.main(parser(), draw)
