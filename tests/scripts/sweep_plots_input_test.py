#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of how the plots of sweeps read results, and what they refuse. Usage: sweep_plots_input_test.py ADDAX
[unittest's arguments]"""
import contextlib
import io
import json
import math
import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import plots_test
from sweep_plots_test import DATA, FIGURES, make_data

import common  # plots_test puts the plots' folder first
import results as sweeps

ADDAX = ""


class ResultsTest(unittest.TestCase):
    def test_names_with_dots_need_no_quotes(self):
        results = sweeps.Results(DATA["shape"])
        for where in ("arch.rows >= 12", '"arch.rows" >= 12', "arch.rows>=12 and arch != 'arch.rows'"):
            self.assertEqual([row["arch.rows"] for row in results.done(where)], [12, 12, 12], where)

    def test_filters_and_fronts_are_those_of_addax_pareto(self):
        def command(name, where):
            return subprocess.run([ADDAX, "pareto", DATA[name], "--where", where, "--json", "-"],
                                  capture_output=True, text=True, check=False)

        def plots(name, where):
            results = sweeps.Results(DATA[name])
            rows = results.numbers(results.done(where), "energy_j", "--x")
            return [row["number"] for work in sweeps.works_of(results, rows)
                    for row in sweeps.front_of(work, "energy_j", "latency_s")]
        for name in ("shape", "three", "works", "words", "methods", "nulls"):
            for where in ("1", "energy_j > 0", "number % 2 = 1"):
                done = command(name, where)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual([point["number"] for point in json.loads(done.stdout)["front"]],
                                 plots(name, where), (name, where))
        for where in ("ARCH.ROWS > 6", '"arch.rows" >= 6', "Arch.Rows in (6, 12) AND not rows < 7",
                      "round(area_mm2, 1) > min(1, 2)", "abs (rows) = 6", "arch.groups.lut.columns=8",
                      "case when rows > 6 then 1 else 0 end", "1e0 < 1.5E+1", "arch is not null"):
            done = command("shape", where)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([point["number"] for point in json.loads(done.stdout)["front"]],
                             plots("shape", where), where)
        for where in ("", " ", "arch.rows >", "lower(arch) = 'x'", "ARCH.BANKS > 6", '"arch.banks" > 6',
                      "'a", '"a', "rows || 1", "rows > 6 && 1", "1); select (1", "random() > 0",
                      "rows > (select 1)", "arch.rows > 100"):
            self.assertEqual(command("shape", where).returncode, 2, where)
            with self.assertRaises(common.InputError, msg=where):
                plots("shape", where)

    def test_equal_points_are_all_on_a_front(self):
        rows = [{"x": x, "y": y} for x, y in ((1, 2), (2, 1), (1, 2), (1, 3), (2, 1), (3, 1))]
        self.assertEqual([(row["x"], row["y"]) for row in sweeps.front_of(rows, "x", "y")],
                         [(1, 2), (1, 2), (2, 1), (2, 1)])

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

    def test_a_full_disk_is_one_line_and_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, plots_test.SCRIPTS / "pareto.py", DATA["shape"], f"{folder}/plot"],
                capture_output=True, text=True, check=False, preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (5000, 5000)))
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertIn("cannot be written: File too large", done.stderr)
            self.assertEqual(os.listdir(folder), [])

    def test_a_prefix_without_a_name_is_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            for prefix in ("", f"{folder}/", f"{folder}/.", ".."):
                done = plots_test.script("pareto.py", DATA["shape"], prefix)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
                self.assertIn(f"prefix: found '{prefix}'", done.stderr)
            self.assertEqual(os.listdir(folder), [])

    def test_an_interpreter_without_matplotlib_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "matplotlib.py").write_text(
                "raise ImportError(\"No module named 'matplotlib'\")\n")
            for figure in (*FIGURES, "audit", "accuracy"):
                done = subprocess.run([sys.executable, plots_test.SCRIPTS / f"{figure}.py", "a", "b"],
                                      capture_output=True, text=True, check=False,
                                      env={**os.environ, "PYTHONPATH": folder})
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
                for part in (f"{figure}.py: needs matplotlib", sys.executable, "install_packages.sh"):
                    self.assertIn(part, done.stderr)

    def test_help_says_what_and_gives_an_example(self):
        for figure, module in FIGURES.items():
            text = module.parser().format_help()
            self.assertIn("Example: addax sweep", text)
            self.assertIn(f"scripts/plot/{figure}.py", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        ADDAX = sys.argv.pop(1)
        make_data(ADDAX, pathlib.Path(data))
        unittest.main(exit=True)
