#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots the layers of one design point on its roofline: multiply-accumulates a second over
multiply-accumulates a byte of DRAM traffic, with what bounds each layer. Writes PREFIX.pdf and .png.

The point is the one with the lowest energy-delay product, of those that do the work (model, phase, context,
batch) of the first one, unless --number takes another. The sloped roof
is the DRAM's peak bandwidth. A flat roof is what the array computes in a weight format: the most
multiply-accumulates that one of the format's layers does in a cycle of its closed-form compute bound,
times the clock. It is that of the mappings found, so that an array may have a higher one for other layers.
Layers without weights (attention) are computed in FP16.

Layers that are bound alike and lie within a marker of one another share a point; markers of layers that are
bound by something else stand beside it. Those without multiply-accumulates have none.

Example: addax sweep array-shape
         scripts/plot/roofline.py array-shape.sqlite roofline --number 3
"""
import math
import textwrap

import labels
import results as sweeps
from common import COLOURS, COLUMN_INCHES, InputError, legend_below, plt
from matplotlib.lines import Line2D

# What binds: colour, and how much of the marker is filled.
BOUNDS = {"dram": (COLOURS[5], "full"), "compute": (COLOURS[4], "none"),
          "buffer": (COLOURS[3], "left"), "network": (COLOURS[6], "bottom"),
          "vector_unit": (COLOURS[7], "top")}
OTHER_BOUND = (COLOURS[0], "right")
SHAPES = ["s", "o", "^", "D", "v", "p", "<", "h", ">", "8", "d", "H"]
NEAR = 1.03  # roofs that are nearer than this factor are one line
MARKER_POINTS = 6.5  # across, with its edge
PANEL_POINTS = 180.0, 130.0  # no panel is smaller
HEIGHT_INCHES = 2.7  # of the figure without its legend
ROOF_LINES = ["--", ":", "-.", (0, (5, 1))]


def look_of(bound):
    """Of a marker; hollow ones are smaller and on top, so that they hide no other."""
    colour, fill = BOUNDS.get(bound, OTHER_BOUND)
    look = {"linestyle": "none", "color": colour, "markeredgewidth": 0.7}
    if fill == "none":
        return {**look, "markerfacecolor": "#FFFFFF", "markersize": 4, "zorder": 4}
    return {**look, "fillstyle": fill, "markerfacecoloralt": "#FFFFFF", "markersize": 5.5,
            "zorder": 3}


def chosen(results, arguments):
    """A point, and what it is."""
    rows = results.done(arguments.where)
    if arguments.number is None:
        works = sweeps.works_of(results, results.numbers(rows, "edp_js", "roofline"))
        point = min(works[0], key=lambda row: row["edp_js"])
        return point, (f"point {point['number']}, of the lowest energy-delay product" +
                       (" of those that do its work" if len(works) > 1 else ""))
    for row in rows:
        if row["number"] == arguments.number:
            return row, f"point {row['number']}"
    raise InputError(f"--number: {results.path} has no point {arguments.number} that is done" +
                     ("" if arguments.where is None else f" and passes --where '{arguments.where}'"))


def layers_of(results, point):
    """The layers of a point that multiply, with `intensity` (MAC/byte) and `rate` (MAC/s)."""
    layers = results.query("select number, phase, block, name, format, macs, latency_s, bound_by, "
                           "compute_cycles, dram_read_bits + dram_write_bits as dram_bits from "
                           "layers where point = ? and macs > 0 order by number", [point["id"]])
    if not layers:
        raise InputError(f"{results.path}: layers: point {point['number']} has none with MACs")
    for layer in layers:
        layer["rate"] = layer["macs"] / layer["latency_s"]
        layer["intensity"] = 8.0 * layer["macs"] / layer["dram_bits"] if layer["dram_bits"] else None
    return layers


def roofs_of(layers, clock_hz):
    """Format: MAC/s, the highest first; of formats whose roofs are one line, together."""
    peaks = {}
    for layer in layers:
        if layer["compute_cycles"]:
            name = (layer["format"] or "fp16").split(" ")[0]
            rate = layer["macs"] / layer["compute_cycles"] * clock_hz
            peaks[name] = max(peaks.get(name, 0.0), rate)
    roofs = []
    for name, rate in sorted(peaks.items(), key=lambda peak: -peak[1]):
        if roofs and roofs[-1][1] < NEAR * rate:
            roofs[-1][0].append(name)
        else:
            roofs.append(([name], rate))
    return [(", ".join(names), rate) for names, rate in roofs]


def points_of(layers, place_of):
    """Layers that are drawn as one, and where, in points of the page: layers that are bound alike within
    a marker of the first of them; beside what is there already, where they are bound otherwise."""
    points, places = [], []
    for layer in layers:
        for point in points:
            if (point[0]["bound_by"] == layer["bound_by"] and
                    math.dist(place_of(point[0]), place_of(layer)) < MARKER_POINTS):
                point.append(layer)
                break
        else:
            points.append([layer])
    for point in points:
        x, y = place_of(point[0])
        steps = sorted(range(-len(points), len(points) + 1), key=abs)
        places.append(next(place for place in ((x + step * MARKER_POINTS / 2, y) for step in steps)
                           if all(math.dist(place, other) >= MARKER_POINTS for other in places)))
    return list(zip(points, places))


def names_in(point, layers):
    """The names of a point's layers; of a name of which only some are here, which or how many."""
    names = []
    for name in dict.fromkeys(layer["name"] for layer in point):
        here, all_ = ([layer for layer in of if layer["name"] == name] for of in (point, layers))
        text = name.replace("_", " ")
        if len(here) == len(all_):
            names.append(text)
        elif len(here) > 2:
            names.append(f"{text} ({len(here)} of {len(all_)})")
        else:
            differ = [key for key in ("phase", "block") if len({layer[key] for layer in all_}) > 1]
            names += [" ".join([text] + [layer[key] for key in differ]) for layer in here]
    return textwrap.fill(labels.plain(", ".join(names)), 40)


def draw_roofs(axes, roofs, bandwidth, ends):
    """The sloped roof up to the highest flat one, each flat one from where it meets the slope."""
    left, right = ends
    highest = roofs[0][1] if roofs else bandwidth * right
    handles = axes.plot([left, highest / bandwidth], [left * bandwidth, highest], color="#000000",
                        linewidth=0.8, zorder=1)
    for (_, rate), style in zip(roofs, ROOF_LINES * len(roofs)):
        handles += axes.plot([rate / bandwidth, right], [rate, rate], color="#000000",
                             linewidth=0.8, linestyle=style, zorder=1)
    return handles


def draw_points(axes, drawn, layers, factor):
    """A marker for each place; gives the legend's handles and names, and those of what binds."""
    def place_of(layer):
        place = axes.transData.transform((layer["intensity"], layer["rate"] / factor))
        return [share * size for share, size in zip(axes.transAxes.inverted().transform(place),
                                                    PANEL_POINTS)]
    handles, names = [], []
    points = points_of(drawn, place_of)
    for (point, place), shape in zip(points, SHAPES * len(points)):
        handles += axes.plot(*(share / size for share, size in zip(place, PANEL_POINTS)),
                             marker=shape, transform=axes.transAxes,
                             **look_of(point[0]["bound_by"]))
        names.append(names_in(point, layers))
    for bound in dict.fromkeys(layer["bound_by"] for layer in drawn):
        handles.append(Line2D([], [], marker="s", **look_of(bound)))
        names.append(f"bound by {labels.COMPONENTS.get(bound, bound)}")
    return handles, names


def draw(results, arguments):
    point, title = chosen(results, arguments)
    for column in ("dram_bits_per_s", "clock_hz"):
        results.numbers([point], column, "roofline")
    layers = layers_of(results, point)
    drawn = [layer for layer in layers if layer["intensity"]]
    if not drawn:
        raise InputError(f"{results.path}: layers: no layer of point {point['number']} moves data "
                         "from or to DRAM")
    bandwidth = point["dram_bits_per_s"] / 8.0  # bytes/s
    roofs = roofs_of(layers, point["clock_hz"])
    rates = [layer["rate"] for layer in drawn] + [rate for _, rate in roofs]
    exponent = 3 * math.floor(math.log10(max(rates)) / 3)
    factor, prefix = 10.0 ** exponent, labels.PREFIXES[exponent]
    roofs = [(name, rate / factor) for name, rate in roofs]
    intensities = [layer["intensity"] for layer in drawn]
    places = intensities + [rate * factor / bandwidth for _, rate in roofs]
    ends = min(places) / 2, 2.5 * max(places)
    figure, axes = plt.subplots(figsize=(COLUMN_INCHES, HEIGHT_INCHES))
    handles = draw_roofs(axes, roofs, bandwidth / factor, ends)
    names = [f"DRAM, {labels.digits(bandwidth * 1e-9)} GB/s"]
    names += [f"{labels.plain(name)}, {labels.digits(rate)} {prefix}MAC/s" for name, rate in roofs]
    axes.set_xlim(*ends)
    low, high = min(rates) / factor / 2, max(rates) / factor * 2
    axes.set_ylim(low, high)
    labels.set_scale(axes.xaxis, ends)
    labels.set_scale(axes.yaxis, (low, high))
    more = draw_points(axes, drawn, layers, factor)
    axes.set_xlabel("Operational intensity (MAC per byte of DRAM traffic)")
    axes.set_ylabel(f"Throughput ({prefix}MAC/s)")
    axes.grid(True, which="major", linewidth=0.3, color="#DDDDDD")
    axes.set_axisbelow(True)
    left_out = [layer for layer in layers if not layer["intensity"]]
    labels.put_title(
        figure, labels.plain(results.name), title,
        labels.point_text(point, sweeps.varying(results, results.done())),
        left_out and f"without DRAM traffic, not shown: {names_in(left_out, layers)}")
    handles, names = handles + more[0], names + more[1]
    legend = legend_below(figure, handles, names)
    legend_inches = legend.get_window_extent().height / figure.dpi
    legend.remove()
    figure.set_size_inches(COLUMN_INCHES, HEIGHT_INCHES + legend_inches)
    legend_below(figure, handles, names)
    return figure


def parser():
    words = sweeps.parser_of(__doc__)
    words.add_argument("--number", type=int, help="which point of the sweep (default: lowest edp_js)")
    return words


if __name__ == "__main__":
    sweeps.main(parser(), draw)
