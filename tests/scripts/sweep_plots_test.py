#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the plots of sweeps. Usage: sweep_plots_test.py ADDAX [unittest's arguments]"""
import contextlib
import json
import math
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from plots_test import PlotTest

import bars  # plots_test puts the plots' folder first
import common
import components
import heatmap
import pareto
import results as sweeps
import roofline

FIGURES = {"pareto": pareto, "components": components, "heatmap": heatmap, "roofline": roofline,
           "bars": bars}
SHIFTADD = {"arch": "eyeriss_shiftadd", "trace": "opt-125m.decode.shiftadd-3bit"}
ANALYTIC = {"fidelity": "analytic"}
DATA = {}  # name: results file


def make_data(addax, folder):
    """Sweeps of one, two and three axes; with failures; of linked axes and with baselines."""
    def make(file, base, axes, name=None):
        sweep = {"addax": "sweep/1", "name": name or file, "base": {"run": ANALYTIC, **base},
                 "axes": axes}
        text, DATA[file] = folder / f"{file}.yaml", folder / f"{file}.sqlite"
        text.write_text(json.dumps(sweep))  # JSON is YAML
        subprocess.run([addax, "sweep", text, "--out", DATA[file], "--quiet", "-j", "2"],
                       capture_output=True, check=False)  # points that fail are wanted

    def axis(key, *values):
        return {"key": key, "values": values}
    make("shape", SHIFTADD, [axis("arch.rows", 0, 6, 12), axis("arch.groups.lut.columns", 2, 8, 16)])
    make("three", {"arch": "eyeriss_shiftadd", "trace": {"model": "opt-125m", "phase": "decode"}},
         [axis("trace.weights", "shiftadd-2bit", "shiftadd-3bit"),
          axis("trace.context", 128, 512, 2048), axis("arch.buffer.banks", 8, 16, 32, 64, 128)])
    make("one", SHIFTADD, [axis("arch.dram.peak_bandwidth_bits_per_s", 5.12e10, 2.048e11)])
    make("nulls", SHIFTADD, [axis("run.dataflow", None, "lut-stationary"), axis("arch.rows", 12, 24),
                             axis("arch.vector_unit.latency_cycles", None, 4)])
    # 2 models, 2 batches, 4 designs; and two contexts within words.
    make("works", {"arch": "eyeriss_shiftadd", "trace": {"phase": "decode", "weights": "shiftadd-3bit"},
                   "run": {**ANALYTIC, "baseline": "fp16", "equal": "pe"}},
         [axis("trace.model", "opt-125m", "qwen3-0.6b"), axis("trace.batch", 1, 4),
          axis("arch.rows", 6, 12), axis("arch.groups.lut.columns", 7, 14)])
    make("words", {"arch": "eyeriss_shiftadd"},
         [axis("trace", "opt-125m.decode-128.shiftadd-3bit", "opt-125m.decode-128.shiftadd-2bit",
               "opt-125m.decode-512.shiftadd-3bit", "opt-125m.decode-512.shiftadd-2bit"),
          axis("arch.buffer.banks", 64, 128)])
    # With a dollar, and names of several lines.
    make("methods", {"arch": "eyeriss_int", "run": {**ANALYTIC, "baseline": "both"}},
         [{"linked": [
             axis("arch", "eyeriss_int", "eyeriss_lutgemm", "eyeriss_shiftadd"),
             axis("trace", "opt-125m.generate-2-64.int-4bit", "qwen3-0.6b.decode.bcq-3bit",
                  "mixtral-8x7b-v0.1.decode-128.shiftadd-3bit-column-k2")]},
          axis("run.equal", "area", "pe")],
         "methods $1 and $2 of a sweep whose name is long enough for two lines and for more than one")


def drawn(figure, name, *words):
    """A figure of a data set, laid out."""
    module = FIGURES[figure]
    arguments = module.parser().parse_args([str(DATA[name]), "unused", *words])
    page = module.draw(sweeps.Results(arguments.results), arguments)
    page.canvas.draw()
    common.plt.close(page)
    return page


def rows_of(name, sql):
    with contextlib.closing(sqlite3.connect(DATA[name])) as database:
        return database.execute(sql).fetchall()


def texts_of(figure):
    """All texts that are seen, with what they belong to."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                for text in (tick.label1, tick.label2):
                    if text.get_visible() and low <= tick.get_loc() <= high:
                        yield axis, text
            yield axis.label, axis.label
        for text in axes.texts:
            yield axes, text
        yield axes.title, axes.title
    for legend in figure.legends:
        for text in legend.get_texts() + [legend.get_title()]:
            yield legend, text
    if figure._suptitle:
        yield figure, figure._suptitle


class LayoutTest(unittest.TestCase):
    CASES = [(figure, name, []) for name in ("shape", "three", "one", "nulls", "works", "words", "methods")
             for figure in FIGURES if name in ("works", "methods") or figure != "bars"]
    CASES += [("bars", "methods", ["--by", "arch"]), ("bars", "methods", ["--by", "run.equal"]),
              ("pareto", "three", ["--x", "area_mm2"]), ("pareto", "three", ["--y", "arch.buffer.banks"]),
              ("heatmap", "three", ["--where", "id % 3 > 0", "--value", "cycles"]),
              ("heatmap", "methods", ["--x", "trace"]), ("roofline", "methods", ["--number", "4"]),
              ("components", "three", ["--where", "trace.context = 128"])]

    def test_no_text_is_cut_off_or_on_another_in_a_column(self):
        for figure, name, words in self.CASES:
            with self.subTest(figure=figure, data=name, words=words):
                self.check(drawn(figure, name, *words))

    def check(self, figure):
        self.assertEqual(figure.get_size_inches()[0], common.COLUMN_INCHES)
        page, boxes = figure.bbox, []
        for owner, text in texts_of(figure):
            if not text.get_text().strip():
                continue
            box = text.get_window_extent()
            if text in getattr(owner, "texts", []) and owner in figure.axes:
                panel = owner.get_window_extent()
                self.assertTrue(panel.x0 <= box.x0 and box.x1 <= panel.x1, text.get_text())
            self.assertTrue(page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1 and
                            page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, text.get_text())
            box = box.padded(-0.5)
            for other, known in boxes:
                self.assertFalse(box.overlaps(known), (text.get_text(), other))
            boxes.append((text.get_text(), box))
        for legend in figure.legends:
            box = legend.get_window_extent()
            for axes in figure.axes:
                self.assertFalse(box.overlaps(axes.get_window_extent()))


class FileTest(PlotTest):
    def test_one_command_a_figure(self):
        for figure in FIGURES:
            self.check_figures(f"{figure}.py", DATA["methods"], [""])
            for path in self.folder.glob("*/*"):
                path.unlink()


def front_of(points):
    """What no other point undercuts, the plain way; equal points are all in."""
    return sorted((x, y) for x, y in points if not any(
        a <= x and b <= y and (a, b) != (x, y) for a, b in points))


class ParetoTest(unittest.TestCase):
    def check_panel(self, axes, points):
        lines = axes.get_lines()
        stairs = next(line for line in lines if line.get_drawstyle() == "steps-post")
        front = front_of(points)
        for (x, y), (a, b) in zip(stairs.get_xydata()[1:-1], front, strict=True):
            self.assertAlmostEqual(x, a)
            self.assertAlmostEqual(y, b)
        self.assertEqual(sum(len(line.get_xdata()) for line in lines if line is not stairs), len(points))
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        self.assertTrue(all(left < x < right and low < y < high for x, y in front))
        return len(front), sum(not (x < right and y < high) for x, y in points)

    def test_no_point_of_its_work_is_better_than_one_on_the_front(self):
        figure = drawn("pareto", "three", "--x", "area_mm2", "--y", "latency_s")
        self.assertEqual([axes.get_title() for axes in figure.axes],
                         [f"Context {context} tokens" for context in (128, 512, 2048)])
        self.assertIn("Latency (ms)", figure.axes[0].get_ylabel())
        fronts, beyond = 0, 0
        for axes, context in zip(figure.axes, (128, 512, 2048), strict=True):
            panel = self.check_panel(axes, rows_of(
                "three", f'select area_mm2, 1e3 * latency_s from points where "trace.context" = {context}'))
            self.assertGreater(panel[0], 2)
            fronts, beyond = fronts + panel[0], beyond + panel[1]
        title = figure._suptitle.get_text()
        self.assertIn(f"{fronts} of 30 points on 3 fronts, one for each context", title)
        self.assertEqual(f"{beyond} points beyond the view" in title, beyond > 0, title)

    def test_the_view_ends_near_the_front(self):
        rows = [{"id": i, "x": 1.0 + i, "y": 10.0 - i} for i in range(5)]
        rows += [{"id": 10 + i, "x": 8.0 * 2 ** i, "y": 12.0 * 2 ** i} for i in range(20)]
        panel = pareto.Panel(rows, ["x", "y"])
        self.assertEqual(len(panel.front), 5)
        self.assertEqual(panel.beyond, 16)  # the nearest four are seen
        # Of few points half are.
        self.assertEqual(pareto.Panel(rows[:7], ["x", "y"]).beyond, 1)

    def test_work_is_told_by_the_trace_where_no_key_does(self):
        results = sweeps.Results(DATA["words"])
        works = sweeps.works_of(results, results.done())
        self.assertEqual([{row["trace"].split(".")[1] for row in work} for work in works],
                         [{"decode-128"}, {"decode-512"}])
        self.assertEqual(sweeps.telling(works), ["macs"])
        # Who asks about what is done compares different work.
        self.assertEqual(len(sweeps.works_of(results, results.done(), ["macs"])), 1)
        results = sweeps.Results(DATA["works"])
        self.assertEqual(sweeps.telling(sweeps.works_of(results, results.done())),
                         ["trace.model", "trace.batch"])
        self.assertEqual(sweeps.telling(sweeps.works_of(results, results.done(), ["trace.batch"])),
                         ["trace.model"])

    def test_more_values_than_markers_become_ranges(self):
        rows = [{"a": i, "b": f"w{i // 2}"} for i in range(24)]
        groups = pareto.groups_of(rows, "a")
        self.assertEqual([name for name, _ in groups],
                         ["0 to 4", "5 to 9", "10 to 14", "15 to 19", "20 to 23"])
        self.assertEqual([value for _, values in groups for value in values], list(range(24)))
        words = pareto.groups_of(rows, "b")
        self.assertEqual((len(words), words[-1][0]), (8, "others"))
        self.assertEqual(sorted(value for _, values in words for value in values),
                         sorted({row["b"] for row in rows}))

    def test_points_are_told_apart_by_marker_and_colour(self):
        figure = drawn("pareto", "three", "--x", "area_mm2", "--by", "arch.buffer.banks", "--where",
                       "trace.context = 512")
        named = [line for line in figure.axes[0].get_lines() if line.get_marker() in common.MARKERS]
        self.assertGreater(len(named), 1)
        for looks in (line.get_marker() for line in named), (line.get_color() for line in named):
            self.assertEqual(len(set(looks)), len(named))


class ComponentsTest(unittest.TestCase):
    def test_bars_are_as_long_as_the_energies_of_their_points(self):
        axes = drawn("components", "shape").axes[0]
        ends = {}
        for bar in axes.patches:
            row = round(bar.get_y() + bar.get_height() / 2)
            ends[row] = max(ends.get(row, 0.0), bar.get_x() + bar.get_width())
        energies = [energy for energy, in rows_of(
            "shape", "select 1e3 * energy_j from points where status = 'done' order by number")]
        self.assertEqual(len(energies), 6)
        for i, energy in enumerate(energies):
            self.assertAlmostEqual(ends[i], energy, places=9)

    def test_of_many_points_the_best_are_shown(self):
        axes = drawn("components", "three").axes[0]
        self.assertEqual(len(axes.get_yticks()), components.MOST)
        labels = [label.get_text().split(" / ") for label in axes.get_yticklabels()]
        for i, context in enumerate((128, 512, 2048)):  # as many of each work
            best = rows_of("three", 'select "arch.buffer.banks" from points where "trace.context" = '
                                    f'{context} order by edp_js limit 8')
            for label, (banks,) in zip(labels[8 * i:8 * i + 8], best, strict=True):
                self.assertTrue({str(context), str(banks)} <= set(label), label)

    def test_all_components_look_different_in_grey(self):
        def grey(colour):
            red, green, blue = common.matplotlib.colors.to_rgb(colour)
            return 0.299 * red + 0.587 * green + 0.114 * blue
        looks = list(components.STYLES.values())
        for i, (colour, hatch) in enumerate(looks):
            for other, other_hatch in looks[:i]:
                self.assertTrue(hatch != other_hatch or abs(grey(colour) - grey(other)) > 0.2)


class HeatmapTest(unittest.TestCase):
    def test_cells_show_the_lowest_over_all_other_axes(self):
        axes = drawn("heatmap", "three", "--x", "arch.buffer.banks", "--y", "trace.context",
                     "--value", "latency_s").axes[0]
        expected = rows_of("three", 'select min(1e3 * latency_s) from points group by "trace.context", '
                                    '"arch.buffer.banks" order by "trace.context", "arch.buffer.banks"')
        cells = {text.get_position(): float(text.get_text()) for text in axes.texts}
        places = [(i, k) for k in range(3) for i in range(5)]
        self.assertEqual(len(cells), len(places))
        for place, (value,) in zip(places, expected, strict=True):
            self.assertAlmostEqual(cells[place] / value, 1.0, delta=0.005)
        title = axes.figure._suptitle.get_text()
        self.assertIn("lowest latency over weights", title)

    def test_null_is_a_value(self):
        axes = drawn("heatmap", "nulls", "--x", "arch.vector_unit.latency_cycles", "--y", "run.dataflow").axes[0]
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["4", "none"])
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["any", "lut-stationary"])
        self.assertEqual(len(axes.texts), 4)
        expected = rows_of("nulls", 'select min(edp_js) from points where "run.dataflow" is null')
        points = sweeps.Results(str(DATA["nulls"])).done("run.dataflow is null")
        self.assertEqual(min(row["edp_js"] for row in points), expected[0][0])
        self.assertEqual(len(points), 4)

    def test_each_work_has_a_lowest_cell_and_none_is_compared_with_another(self):
        axes = drawn("heatmap", "three", "--x", "trace.context", "--y", "trace.weights").axes[0]
        bold = {text.get_position()[0] for text in axes.texts if text.get_fontweight() == "bold"}
        self.assertEqual(bold, {0, 1, 2})
        # Of the works that are no axis the first.
        axes = drawn("heatmap", "three", "--x", "arch.buffer.banks", "--y", "trace.weights").axes[0]
        self.assertIn("Context 128 tokens alone", axes.figure._suptitle.get_text())
        expected = rows_of("three", 'select 1e6 * edp_js from points where "trace.context" = 128 '
                                    'order by "arch.buffer.banks", "trace.weights"')
        self.assertIn("µJ s", axes.figure.axes[1].get_xlabel())
        cells = dict(sorted((text.get_position(), float(text.get_text())) for text in axes.texts))
        for cell, (value,) in zip(cells.values(), expected, strict=True):
            self.assertAlmostEqual(cell / value, 1.0, delta=0.05)

    def test_failed_and_missing_cells_are_hatched(self):
        def hatches(figure):
            return [patch.get_hatch() for patch in figure.axes[0].patches if patch.get_hatch()]

        def names(figure):
            return [text.get_text() for text in figure.legends[0].get_texts()]
        failed = drawn("heatmap", "shape")
        self.assertEqual(hatches(failed), [heatmap.FAILED[1]] * 3)
        self.assertEqual(names(failed), ["failed"])
        both = drawn("heatmap", "shape", "--where", "not (arch.rows = 6 and arch.groups.lut.columns = 8)")
        self.assertEqual(sorted(hatches(both)), sorted([heatmap.NONE[1]] + [heatmap.FAILED[1]] * 3))
        self.assertEqual(names(both), ["no point", "failed"])

    def test_what_others_tell_is_no_other_axis(self):
        title = drawn("heatmap", "methods", "--x", "arch").axes[0].figure._suptitle.get_text()
        self.assertNotIn("lowest", title)


class RooflineTest(unittest.TestCase):
    def test_no_layer_is_above_its_roofs(self):
        for number in range(0, 30, 7):
            figure = drawn("roofline", "three", "--number", str(number))
            lines = figure.axes[0].get_lines()
            (x, _), (y, _) = lines[0].get_data()
            bandwidth = y / x
            results = sweeps.Results(DATA["three"])
            point = next(row for row in results.done() if row["number"] == number)
            self.assertAlmostEqual(1e9 * bandwidth * 8 / point["dram_bits_per_s"], 1.0)
            layers = roofline.layers_of(results, point)
            roofs = {name: rate for names, rate in roofline.roofs_of(layers, point["clock_hz"])
                     for name in names.split(", ")}
            self.assertEqual(len(roofs), 2)
            for layer in layers:
                roof = roofs[(layer["format"] or "fp16").split(" ")[0]]
                # Of roofs that are one line the higher is kept.
                self.assertLessEqual(layer["rate"], 1.000001 * min(
                    roof, layer["intensity"] * 1e9 * bandwidth))

    def test_no_marker_hides_another(self):
        for name in ("shape", "three", "one", "works", "methods"):
            for number, in rows_of(name, "select number from points where status = 'done'")[::3]:
                figure = drawn("roofline", name, "--number", str(number))
                places = [line.get_transform().transform(line.get_xydata())[0] * 72 / figure.dpi
                          for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 1]
                for i, place in enumerate(places):
                    for other in places[:i]:
                        self.assertGreater(math.dist(place, other), 5.5, (name, number))

    def test_the_best_point_is_that_of_one_work_which_is_said(self):
        title = drawn("roofline", "works").axes[0].figure._suptitle.get_text().replace("\n", " ")
        best, = rows_of("works", "select number from points where \"trace.model\" = 'opt-125m' and "
                                 "\"trace.batch\" = 1 order by edp_js limit 1")[0]
        self.assertIn(f"point {best}, of the lowest energy-delay product of those that do its work "
                      "opt-125m, Batch 1,", title)

    def test_layers_that_share_a_marker_are_both_named(self):
        def layer(name, intensity, bound):
            return {"name": name, "intensity": intensity, "bound_by": bound}
        points = roofline.points_of([layer("a", 100.0, "dram"), layer("b", 103.0, "dram"),
                                     layer("c", 101.0, "compute"), layer("d", 110.0, "dram")],
                                    lambda layer: (layer["intensity"], 50.0))
        self.assertEqual([[layer["name"] for layer in of] for of, _ in points],
                         [["a", "b"], ["c"], ["d"]])
        across = sorted(place[0] for _, place in points)
        self.assertTrue(all(b - a >= roofline.MARKER_POINTS for a, b in zip(across, across[1:])))

    def test_every_layer_that_multiplies_is_named(self):
        figure = drawn("roofline", "methods", "--number", "0")
        legend = " ".join(text.get_text() for text in figure.legends[0].get_texts())
        for name, in rows_of("methods", "select distinct layers.name from layers join points "
                             "on layers.point = points.id where points.number = 0 and layers.macs > 0"):
            self.assertIn(name, legend)


class BarsTest(unittest.TestCase):
    def test_bars_are_baseline_over_design_and_their_geometric_mean(self):
        results = sweeps.Results(DATA["methods"])
        baselines, rows = bars.ratios_of(results, results.done())
        self.assertEqual((baselines, len(rows)), (["fp16", "same_bits"], 6))
        panels = drawn("bars", "methods").axes
        for axes, (column, _) in zip(panels, bars.PANELS, strict=True):
            for i, name in enumerate(baselines):
                shown = [float(text.get_text()) for text in axes.texts][7 * i:7 * i + 7]
                values = [row[f"{name}_{column}"] / row[column] for row in rows]
                values.append(math.prod(values) ** (1 / 6))
                for text, value in zip(shown, values, strict=True):
                    self.assertAlmostEqual(text, value, delta=0.0051)

    def test_categories_are_geometric_means_of_their_points(self):
        axes = drawn("bars", "methods", "--by", "run.equal").axes[0]
        product = math.prod(value for value, in rows_of(
            "methods", "select fp16_latency_s / latency_s from points where \"run.equal\" = 'area'"))
        self.assertAlmostEqual(float(axes.texts[0].get_text()), product ** (1 / 3), delta=0.0051)
        self.assertEqual([text.get_text() for text in axes.figure.legends[0].get_texts()],
                         ["v. FP16", "v. same bits"])  # each bar is of another `equal`
        self.assertIn("geometric means of 6 points", axes.figure._suptitle.get_text())

    def test_bars_are_designs_and_means_are_over_what_they_compute(self):
        figure = drawn("bars", "works")
        axes = figure.axes[0]
        self.assertEqual(len(axes.get_yticks()), 5)  # four designs and their mean
        self.assertIn("over model, batch", figure._suptitle.get_text())
        self.assertEqual(figure.legends[0].get_texts()[0].get_text(), "v. FP16 of as many PEs")
        values = rows_of("works", "select fp16_latency_s / latency_s from points where "
                                  "\"arch.rows\" = 6 and \"arch.groups.lut.columns\" = 7")
        self.assertAlmostEqual(float(axes.texts[0].get_text()),
                               math.prod(value for value, in values) ** 0.25, delta=0.0051)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        make_data(sys.argv.pop(1), pathlib.Path(data))
        unittest.main(exit=True)
