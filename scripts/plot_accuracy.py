#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots published perplexity over simulated energy and latency of a decode token: a line for each
method from the smallest to the largest model of a family, the Pareto front ringed. One figure a
family, since perplexities of two tokenizers cannot be compared: PREFIX-FAMILY.pdf and .png.

Example: addax reproduce shiftaddllm --accuracy --csv accuracy.csv
         scripts/plot_accuracy.py accuracy.csv accuracy
"""
import argparse
import csv
import io
import math

from plotting import COLOURS, COLUMN_INCHES, MARKERS, InputError, plt, read_text, run, save

TEXT = ["model", "family", "method"]
NUMBERS = ["perplexity", "energy_j", "latency_s"]
FLAGS = ["pareto_energy", "pareto_latency"]
PANELS = [("energy_j", "pareto_energy", "Energy of a token (J)"),
          ("latency_s", "pareto_latency", "Latency of a token (s)")]


def read_rows(path):
    table = csv.DictReader(io.StringIO(read_text(path)))
    missing = [key for key in TEXT + NUMBERS + FLAGS if key not in (table.fieldnames or [])]
    if missing:
        raise InputError(f"{path}: has no column '{missing[0]}'; allowed: what "
                         "'addax reproduce shiftaddllm --accuracy --csv' writes")
    rows = []
    for row in table:
        place = f"{path}:{table.line_num}"
        for key in NUMBERS:
            try:
                row[key] = float(row[key])
            except (TypeError, ValueError):
                raise InputError(f"{place}: {key}: found '{row[key]}'; allowed: a number") from None
            if not (math.isfinite(row[key]) and row[key] > 0):
                raise InputError(f"{place}: {key}: found {row[key]}; allowed: a number above 0")
        for key in FLAGS:
            if row[key] not in ("true", "false"):
                raise InputError(f"{place}: {key}: found '{row[key]}'; allowed: true, false")
            row[key] = row[key] == "true"
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: has no rows")
    return rows


def in_order(rows, key):
    return list(dict.fromkeys(row[key] for row in rows))


def draw_panel(axes, rows, styles, cost, flag, label):
    for method, style in styles.items():
        points = [(r[cost], r["perplexity"]) for r in rows if r["method"] == method]
        if points:
            axes.plot(*zip(*points), label=method.replace("_", " "), **style)
    front = [(r[cost], r["perplexity"]) for r in rows if r[flag]]
    axes.plot(*zip(*front), linestyle="none", marker="o", markersize=6.5, markerfacecolor="none",
              markeredgecolor="#000000", markeredgewidth=0.6, label="Pareto front", zorder=3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(label)
    axes.set_ylabel("WikiText-2 perplexity")
    axes.grid(True, which="major", linewidth=0.3, color="#CCCCCC")


def draw(rows, styles):
    # The last row is the legend's.
    figure, panels = plt.subplots(len(PANELS) + 1, 1, figsize=(COLUMN_INCHES, 6.0),
                                  gridspec_kw={"height_ratios": [1] * len(PANELS) + [0.2]})
    for axes, (cost, flag, label) in zip(panels, PANELS):
        draw_panel(axes, rows, styles, cost, flag, label)
    models = in_order(rows, "model")
    panels[0].set_title(f"{models[0]} to {models[-1]}" if len(models) > 1 else models[0])
    handles, labels = panels[0].get_legend_handles_labels()
    panels[-1].axis("off")
    panels[-1].legend(handles, labels, loc="center", ncol=3, frameon=False)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", help="what 'addax reproduce shiftaddllm --accuracy --csv' wrote")
    parser.add_argument("prefix", help="start of the names of the figures")
    arguments = parser.parse_args()
    rows = read_rows(arguments.csv)
    methods = in_order(rows, "method")
    styles = {method: {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
              for i, method in enumerate(methods)}
    for family in in_order(rows, "family"):
        save(draw([r for r in rows if r["family"] == family], styles),
             f"{arguments.prefix}-{family}")


if __name__ == "__main__":
    run(main)
