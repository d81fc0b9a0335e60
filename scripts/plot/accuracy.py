#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots published perplexity over simulated energy and latency of a decode token: a line for each
method from the smallest to the largest model of a family, the Pareto front as a staircase with its
models named. Perplexities above CUT times the greatest of FP16 are arrows above the break of the axis.
One figure a family, since perplexities of two tokenizers cannot be compared: PREFIX-FAMILY.pdf and .png.

Example: addax reproduce shiftaddllm --accuracy --csv accuracy.csv
         scripts/plot/accuracy.py accuracy.csv accuracy
"""
import argparse
import csv
import io
import math

from common import (COLOURS, COLUMN_INCHES, MARKERS, InputError, plt, prefix_of, read_text,
                    run, save, ticker)

TEXT = ["model", "family", "method"]
NUMBERS = ["perplexity", "energy_j", "latency_s"]
FLAGS = ["pareto_energy", "pareto_latency"]
PANELS = [("energy_j", "pareto_energy", "Energy of a token (J)"),
          ("latency_s", "pareto_latency", "Latency of a token (s)")]
CUT = 6.0  # of the greatest perplexity of FP16: a model beyond is of no use, whatever it costs
LABEL_POINTS = 5.0
RING = 3.4  # radius, points


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


def styles_of(rows):
    """A look for each method, the same in all figures."""
    return {method: {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
            for i, method in enumerate(in_order(rows, "method"))}


class Scale:
    """The perplexities that are shown, and where those above them go."""

    def __init__(self, rows):
        all_ = [row["perplexity"] for row in rows]
        fp16 = [row["perplexity"] for row in rows if row["method"] == "fp16"]
        # Without a reference nothing is cut.
        self.cut = min(CUT * max(fp16), 1.01 * max(all_)) if fp16 else 1.01 * max(all_)
        self.low = 0.8 * min(all_)
        self.beyond = [p for p in all_ if p > self.cut]
        ratio = self.cut / self.low
        self.arrows = self.cut * ratio ** 0.05
        self.top = self.cut * ratio ** (0.1 if self.beyond else 0.02)

    def height(self, perplexity):
        return perplexity if perplexity <= self.cut else self.arrows

    def apply(self, axes):
        axes.set_yscale("log")
        axes.set_ylim(self.low, self.top)
        # Few ticks that bear their own number: a family spans about one decade.
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_locator(ticker.NullLocator())
        axes.set_yticks([tick for tick in axes.get_yticks() if self.low <= tick <= self.cut])
        if not self.beyond:
            return
        axes.axhline(self.cut, color="#7F7F7F", linewidth=0.4, linestyle=(0, (2, 2)))
        slash = {"marker": [(-1, -0.6), (1, 0.6)], "linestyle": "none", "color": "#000000",
                 "markersize": 5, "markeredgewidth": 0.8, "clip_on": False, "zorder": 5}
        gap = (self.cut / self.low) ** 0.008
        axes.plot([0, 0], [self.cut / gap, self.cut * gap], transform=axes.get_yaxis_transform(),
                  **slash)
        axes.annotate(f"arrows: {min(self.beyond):.0f} to {max(self.beyond):.0f}", (1.0, 1.0),
                      xycoords="axes fraction", xytext=(0, 2), textcoords="offset points",
                      ha="right", va="bottom", fontsize=LABEL_POINTS)



def draw_methods(axes, rows, styles, scale, cost):
    for method, style in styles.items():
        points = [(r[cost], r["perplexity"]) for r in rows if r["method"] == method]
        if not points:
            continue
        shown = [(x, y if y <= scale.cut else math.nan) for x, y in points]
        axes.plot(*zip(*shown), label=method.replace("_", " "), **style)
        cut = [(x, scale.arrows) for x, y in points if y > scale.cut]
        if cut:
            axes.plot(*zip(*cut), linestyle="none", marker=r"$\uparrow$", color=style["color"],
                      markersize=5, markeredgewidth=0.2)


def draw_front(axes, front):
    axes.plot(*zip(*front), drawstyle="steps-post", color="#000000", linewidth=0.4, zorder=1)
    axes.plot(*zip(*front), linestyle="none", marker="o", markersize=2 * RING, markerfacecolor="none",
              markeredgecolor="#000000", markeredgewidth=0.6, label="Pareto front", zorder=3)


def apart(box, other):
    return (box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1])


def name_models(figure, axes, front):
    """Below and left of a front there are no points: labels go there, the nearest free place first.
    `front` is (x, y, name). Points of one model that lie together share a label."""
    points = [(*(axes.transData.transform((x, y)) * 72.0 / figure.dpi), name)
              for x, y, name in front]
    taken = [(x - RING, y - RING, x + RING, y + RING) for x, y, _ in points]
    # From a label's upper right corner to its point.
    places = sorted(((-dx, -dy) for dx in (-4, 0, 4, 8, 12, 18, 24, 30)
                     for dy in (-3, 1, 4, 8, 12, 18, 24, 30) if dx >= 4 or dy >= 4),
                    key=lambda place: place[0] ** 2 + place[1] ** 2)
    named = []
    for (x, y, _), (across, up, name) in zip(front, points):
        if any(name == other and math.hypot(across - a, up - b) < 2 * RING + LABEL_POINTS
               for a, b, other in named):
            continue
        named.append((across, up, name))
        width = 0.62 * LABEL_POINTS * len(name)
        for dx, dy in places:
            box = (across + dx - width, up + dy - LABEL_POINTS, across + dx, up + dy)
            if all(apart(box, other) for other in taken):
                break
        taken.append(box)
        far = dx * dx + dy * dy > 100
        axes.annotate(name, (x, y), xytext=(dx, dy), textcoords="offset points", ha="right",
                      va="top", fontsize=LABEL_POINTS,
                      arrowprops={"arrowstyle": "-", "linewidth": 0.25, "shrinkA": 0,
                                  "shrinkB": RING, "relpos": (1.0, 1.0)} if far else None
                      ).set_in_layout(False)


def draw_panel(axes, rows, styles, scale, cost, flag, label):
    """Draws a panel and gives the front, from the cheapest: (x, y, size of the model)."""
    draw_methods(axes, rows, styles, scale, cost)
    front = sorted((r[cost], scale.height(r["perplexity"]), r["model"].rsplit("-", 1)[-1])
                   for r in rows if r[flag])
    draw_front(axes, [(x, y) for x, y, _ in front])
    axes.set_xscale("log")
    scale.apply(axes)
    costs = [row[cost] for row in rows]
    span = max(costs) / min(costs)
    axes.set_xlim(min(costs) / max(1.2, span ** 0.12), max(costs) * max(1.1, span ** 0.05))
    axes.set_xlabel(label)
    axes.set_ylabel("WikiText-2 perplexity")
    axes.grid(True, which="major", linewidth=0.3, color="#CCCCCC")
    return front


def draw(rows, styles):
    # The last row is the legend's.
    figure, panels = plt.subplots(len(PANELS) + 1, 1, figsize=(COLUMN_INCHES, 6.0),
                                  gridspec_kw={"height_ratios": [1] * len(PANELS) + [0.2]})
    scale = Scale(rows)
    fronts = [draw_panel(axes, rows, styles, scale, *panel) for axes, panel in zip(panels, PANELS)]
    models = in_order(rows, "model")
    panels[0].set_title(f"{models[0]} to {models[-1]}" if len(models) > 1 else models[0])
    handles, labels = panels[0].get_legend_handles_labels()
    panels[-1].axis("off")
    panels[-1].legend(handles, labels, loc="center", ncol=3, frameon=False)
    figure.canvas.draw()  # places are known from here on
    for axes, front in zip(panels, fronts):
        name_models(figure, axes, front)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", help="what 'addax reproduce shiftaddllm --accuracy --csv' wrote")
    parser.add_argument("prefix", type=prefix_of, help="start of the names of the figures")
    arguments = parser.parse_args()
    rows = read_rows(arguments.csv)
    styles = styles_of(rows)
    for family in in_order(rows, "family"):
        save(draw([r for r in rows if r["family"] == family], styles),
             f"{arguments.prefix}-{family}")


if __name__ == "__main__":
    run(main)
