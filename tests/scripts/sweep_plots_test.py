#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the plots of sweeps. Usage: sweep_plots_test.py ADDAX [unittest's arguments]"""
import contextlib
import io
import json
import math
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import plots_test
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
    for legend in figure.legends:
        for text in legend.get_texts() + [legend.get_title()]:
            yield legend, text
    if figure._suptitle:
        yield figure, figure._suptitle


class LayoutTest(unittest.TestCase):
    CASES = [(figure, name, []) for name in ("shape", "three", "one", "nulls", "methods") for figure in FIGURES
             if name == "methods" or figure != "bars"]
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


class ParetoTest(unittest.TestCase):
    def test_no_point_is_better_than_one_on_the_front(self):
        figure = drawn("pareto", "three", "--x", "area_mm2", "--y", "latency_s")
        lines = figure.axes[0].get_lines()
        stairs = next(line for line in lines if line.get_drawstyle() == "steps-post")
        points = [tuple(row) for row in rows_of("three", "select area_mm2, 1e3 * latency_s from points")]
        front = sorted({(x, y) for x, y in points if not any(
            a <= x and b <= y and (a, b) != (x, y) for a, b in points)})
        self.assertGreater(len(front), 2)
        self.assertIn("Latency (ms)", figure.axes[0].get_ylabel())
        for (x, y), (a, b) in zip(stairs.get_xydata()[1:-1], front, strict=True):
            self.assertAlmostEqual(x, a)
            self.assertAlmostEqual(y, b)
        shown = sum(len(line.get_xdata()) for line in lines if line is not stairs)
        self.assertEqual(shown, len(points))

    def test_points_are_told_apart_by_marker_and_colour(self):
        figure = drawn("pareto", "three", "--x", "area_mm2", "--by", "arch.buffer.banks")
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
        best = rows_of("three", 'select "trace.context", "arch.buffer.banks" from points order by edp_js')
        label = axes.get_yticklabels()[0].get_text()
        for value in best[0]:
            self.assertIn(str(value), label.split(" / "))

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

    def test_null_is_a_value_called_none(self):
        axes = drawn("heatmap", "nulls", "--x", "arch.vector_unit.latency_cycles", "--y", "run.dataflow").axes[0]
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["4", "none"])
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["none", "lut-stationary"])
        self.assertEqual(len(axes.texts), 4)
        expected = rows_of("nulls", 'select min(edp_js) from points where "run.dataflow" is null')
        points = sweeps.Results(str(DATA["nulls"])).done("run.dataflow is null")
        self.assertEqual(min(row["edp_js"] for row in points), expected[0][0])
        self.assertEqual(len(points), 4)

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
        self.assertIn("geometric means of 6 points", axes.figure._suptitle.get_text())


class ResultsTest(unittest.TestCase):
    def test_names_with_dots_need_no_quotes(self):
        results = sweeps.Results(DATA["shape"])
        for where in ("arch.rows >= 12", '"arch.rows" >= 12', "arch.rows>=12 and arch != 'arch.rows'"):
            self.assertEqual([row["arch.rows"] for row in results.done(where)], [12, 12, 12], where)

    def test_points_of_an_earlier_version_of_the_sweep_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "copy.sqlite"
            path.write_bytes(DATA["shape"].read_bytes())
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute('update points set number = null where "arch.rows" = 12')
                database.commit()
            self.assertEqual({row["arch.rows"] for row in sweeps.Results(path).done()}, {6})

    def test_of_linked_axes_one_is_kept(self):
        results = sweeps.Results(DATA["methods"])
        self.assertEqual(results.axes, ["arch", "trace", "run.equal"])
        self.assertEqual(sweeps.varying(results, results.done()), ["arch", "run.equal"])

    def test_what_matters_most_comes_first_also_where_its_effects_cancel(self):
        # a reverses what b does, and c adds a little.
        rows = [{"a": a, "b": b, "c": c, "y": math.exp((1 if a else -1) * b + 0.1 * c)}
                for a in range(2) for b in (-1, 1) for c in range(3)]
        self.assertEqual(sweeps.by_importance(rows, ["c", "a", "b"], ["y"]), ["a", "b", "c"])
        # Without points that differ in one input alone.
        sample = [{"a": i % 2, "b": i, "c": i // 4, "y": 10.0 ** (i % 2) + 0.01 * i} for i in range(8)]
        self.assertEqual(sweeps.by_importance(sample, ["c", "a"], ["y"]), ["a", "c"])


class ErrorTest(unittest.TestCase):
    def refused(self, figure, path, *words):
        """The one line on standard error of a figure that is refused."""
        with tempfile.TemporaryDirectory() as folder:
            error, module, before = io.StringIO(), FIGURES[figure], sys.argv
            sys.argv = [f"{figure}.py", str(path), os.path.join(folder, "plot"), *words]
            try:
                with contextlib.redirect_stderr(error), self.assertRaises(SystemExit) as exit_:
                    sweeps.main(module.parser(), module.draw)
            finally:
                sys.argv = before
            self.assertEqual(os.listdir(folder), [])
        self.assertEqual(exit_.exception.code, 2)
        self.assertEqual(error.getvalue().count("\n"), 1, error.getvalue())
        self.assertTrue(error.getvalue().startswith(f"{figure}.py: "))
        return error.getvalue()

    def test_what_is_no_results_file_is_one_line(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "text").write_text("addax: sweep/1\n" * 100)
            (folder / "empty").write_text("")
            for figure in FIGURES:
                self.assertIn("No such file", self.refused(figure, folder / "none"))
                self.assertIn("is a directory", self.refused(figure, folder))
                self.assertIn("is not a results file", self.refused(figure, folder / "text"))
                self.assertIn("is not a results file", self.refused(figure, folder / "empty"))
            for change, part in (("update sweep set value = 'addax.results/9' where key = 'format'",
                                  "addax.results/9"),
                                 ("update sweep set value = '[\"arch.banks\"]' where key = 'axes'", "axes"),
                                 ("alter table points rename column status to state", "status"),
                                 ("alter table points rename column energy_j to joules", "energy_j")):
                path = folder / "changed"
                path.write_bytes(DATA["shape"].read_bytes())
                with contextlib.closing(sqlite3.connect(path)) as database:
                    database.execute(change)
                    database.commit()
                self.assertIn(part, self.refused("pareto", path))

    def test_wrong_options_are_one_line(self):
        shape, methods = DATA["shape"], DATA["methods"]
        for figure, path, words, part in (
                ("pareto", shape, ["--x", "joules"], "--x"),
                ("pareto", shape, ["--y", "arch"], "a column of numbers"),
                ("pareto", shape, ["--by", "banks"], "--by"),
                ("heatmap", shape, ["--value", "joules"], "allowed: number, status"),
                ("heatmap", shape, ["--value", "message"], "message"),
                ("heatmap", shape, ["--x", "arch.rows", "--y", "arch.rows"], "--y"),
                ("heatmap", shape, ["--where", "arch.rows = 6 and arch.groups.lut.columns = 8"],
                 "no axis varies"),
                ("components", shape, ["--where", "arch.rows = 7"], "arch.rows = 7"),
                ("components", shape, ["--where", "arch.rows = 0"], "no point is done"),
                ("components", shape, ["--where", "arch.rows ="], "--where"),
                ("components", shape, ["--where", '"arch.banks" > 1'], "arch.banks"),
                ("roofline", shape, ["--number", "9"], "no point 9"),
                ("roofline", shape, ["--number", "0"], "no point 0"),
                ("bars", shape, [], "no baselines"),
                ("bars", methods, ["--by", "banks"], "--by")):
            self.assertIn(part, self.refused(figure, path, *words), (figure, words))

    def test_a_place_that_cannot_be_written_is_one_line(self):
        done = plots_test.script("bars.py", DATA["methods"], DATA["shape"] / "plot")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)

    def test_help_says_what_and_gives_an_example(self):
        for figure, module in FIGURES.items():
            text = module.parser().format_help()
            self.assertIn("Example: addax sweep", text)
            self.assertIn(f"scripts/plot/{figure}.py", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        make_data(sys.argv.pop(1), pathlib.Path(data))
        unittest.main(exit=True)
