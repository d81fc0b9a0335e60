#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the plots of single results. Usage: plots_test.py ADDAX [unittest's arguments]"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "plot"
sys.path.insert(0, str(SCRIPTS))
import accuracy  # noqa: E402  (their folder comes first)
import audit as audit_plot  # noqa: E402

ADDAX = ""


def addax(*words):
    return subprocess.run([ADDAX, "reproduce", "shiftaddllm", *words], check=True,
                          capture_output=True, text=True).stdout


def script(name, *words):
    return subprocess.run([sys.executable, SCRIPTS / name, *map(str, words)], capture_output=True,
                          text=True, check=False)


class PlotTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, text, name="input"):
        path = self.folder / name
        path.write_text(text)
        return path

    def check_figures(self, name, path, figures):
        """Each figure is a PDF with its fonts in it and a PNG, the same bytes twice."""
        for prefix in ("once", "again"):
            done = script(name, path, self.folder / prefix / "plot")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        for figure in figures:
            pdf, png = (
                (self.folder / "once" / f"plot{figure and '-' + figure}.{kind}").read_bytes()
                for kind in ("pdf", "png"))
            self.assertTrue(pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG"), figure)
            self.assertIn(b"/FontFile2", pdf)
            self.assertNotIn(b"/Type3", pdf)
        once, again = (sorted((self.folder / prefix).iterdir()) for prefix in ("once", "again"))
        self.assertEqual(len(once), 2 * len(figures))
        self.assertEqual([p.name for p in once], [p.name for p in again])
        self.assertEqual([p.read_bytes() for p in once], [p.read_bytes() for p in again])

    def check_refused(self, name, path, *parts):
        done = script(name, path, self.folder / "plot")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in (name, *parts):
            self.assertIn(part, done.stderr)
        self.assertEqual([p for p in self.folder.iterdir() if p.suffix in (".pdf", ".png")], [])


class AccuracyTest(PlotTest):
    NAME = "accuracy.py"

    def test_a_figure_a_family(self):
        csv = addax("--accuracy", "--model", "llama-2-7b", "--model", "llama-2-13b", "--model",
                    "llama-3-8b", "--csv", "-")
        self.check_figures(self.NAME, self.write(csv), ["llama-2", "llama-3"])

    def test_models_on_a_front_are_named_and_no_two_names_overlap(self):
        rows = accuracy.read_rows(self.write(addax("--accuracy", "--csv", "-")))
        styles = accuracy.styles_of(rows)
        for family in accuracy.in_order(rows, "family"):
            of_family = [row for row in rows if row["family"] == family]
            figure = accuracy.draw(of_family, styles)
            figure.canvas.draw()
            for axes, (_, flag, _) in zip(figure.axes, accuracy.PANELS):
                sizes = {row["model"].rsplit("-", 1)[-1] for row in of_family if row[flag]}
                labels = [text for text in axes.texts if text.get_text() in sizes]
                self.assertEqual({text.get_text() for text in labels}, sizes)
                boxes = [text.get_window_extent() for text in labels]
                for i, box in enumerate(boxes):
                    self.assertFalse(any(box.overlaps(other) for other in boxes[:i]), family)

    def test_the_axis_is_cut_above_what_the_front_needs(self):
        rows = accuracy.read_rows(self.write(addax("--accuracy", "--csv", "-")))
        scale = accuracy.Scale([row for row in rows if row["family"] == "opt"])
        # Table 8: the greatest perplexity of FP16 is 27.65.
        self.assertAlmostEqual(scale.cut, accuracy.CUT * 27.65)
        self.assertEqual(scale.height(9.34), 9.34)
        self.assertEqual(scale.height(17455.52), scale.arrows)
        self.assertTrue(scale.cut < scale.arrows < scale.top)

    def test_wrong_files_are_one_line(self):
        csv = addax("--accuracy", "--model", "opt-125m", "--csv", "-")
        head, first = csv.splitlines()[:2]
        cells = dict(zip(head.split(","), first.split(",")))
        self.check_refused(self.NAME, self.folder / "none.csv", "none.csv", "No such file")
        self.check_refused(self.NAME, self.folder, "directory")
        self.check_refused(self.NAME, self.write(""), "no column 'model'")
        self.check_refused(self.NAME, self.write(head.replace("energy_j", "energy")), "'energy_j'")
        self.check_refused(self.NAME, self.write(head + "\n"), "no rows")
        for key, bad in (("energy_j", "much"), ("latency_s", "0"), ("perplexity", "nan"),
                         ("pareto_energy", "yes")):
            line = ",".join({**cells, key: bad}.values())
            self.check_refused(self.NAME, self.write(f"{head}\n{line}\n"), ":2", key)
        (self.folder / "binary").write_bytes(b"\xff\xfe\x00")
        self.check_refused(self.NAME, self.folder / "binary", "not text")


class AuditTest(PlotTest):
    NAME = "audit.py"

    def test_energy_and_latency(self):
        audit = addax("--audit", "--model", "opt-125m", "--json", "-")
        self.check_figures(self.NAME, self.write(audit), ["energy", "latency", "components"])

    def test_an_audit_without_a_claim(self):
        audit = {**json.loads(addax("--audit", "--model", "opt-125m", "--json", "-")), "claims": []}
        self.check_figures(self.NAME, self.write(json.dumps(audit)),
                           ["energy", "latency", "components"])

    def test_all_claims_are_named_and_no_saving_is_beyond_100_percent(self):
        audit = json.loads(addax("--audit", "--model", "opt-66b", "--equal", "throughput", "--json",
                                 "-"))
        figures = dict(audit_plot.cost_figures(audit, "audit.json"))
        legend = [text.get_text() for text in figures["energy"].axes[0].get_legend().get_texts()]
        self.assertEqual(len(audit["claims"]), 3)
        for claim, text in zip(audit["claims"], legend):
            self.assertTrue(text.startswith(claim["where"] + ": "), text)
        for figure in ("energy", "latency"):
            for axes in figures[figure].axes[:2]:
                self.assertLessEqual(axes.get_xlim()[1], 100.0)
            for word in ("opt-66b", "3 bits", "2048 keys", "12 x 14", "physical-45nm",
                         "iso-throughput"):
                self.assertIn(word, figures[figure]._suptitle.get_text())

    def test_components_sum_to_what_is_saved(self):
        audit = json.loads(addax("--audit", "--model", "opt-125m", "--json", "-"))
        axes = dict(audit_plot.cost_figures(audit, "audit.json"))["components"].axes[0]
        *parts, all_ = [bar.get_width() for bar in axes.patches]
        self.assertEqual(len(parts), 8)
        self.assertAlmostEqual(sum(parts), all_)
        self.assertAlmostEqual(all_, audit["steps"][-1]["energy_saving_vs_optq_percent"])

    def test_memory(self):
        audit = addax("--audit", "--table", "memory", "--model", "opt-66b", "--json", "-")
        self.check_figures(self.NAME, self.write(audit), ["memory"])

    def test_wrong_files_are_one_line(self):
        audit = json.loads(addax("--audit", "--model", "opt-125m", "--json", "-"))
        self.check_refused(self.NAME, self.folder / "none.json", "none.json", "No such file")
        self.check_refused(self.NAME, self.write("{"), "not JSON")
        self.check_refused(self.NAME, self.write("[]"), "schema", "addax.audit/1")
        self.check_refused(self.NAME, self.write('{"schema": "addax.result/1"}'), "addax.result/1")
        for change, part in (({"quantity": "cost"}, "'cost'"), ({"steps": []}, "steps"),
                             ({"steps": [{"title": "one"}]}, "step 1"), ({"bits": "3"}, "bits"),
                             ({"equalisation": None}, "equalisation"), ({"designs": {}}, "fp16"),
                             ({"claims": [{"where": "text"}]}, "claim 1"),
                             ({"quantity": "weight_memory"}, "savings")):
            self.check_refused(self.NAME, self.write(json.dumps({**audit, **change})), part)


class HelpTest(unittest.TestCase):
    def test_help_says_what_and_gives_an_example(self):
        for name in ("accuracy.py", "audit.py"):
            done = script(name, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("Example: addax reproduce", done.stdout)


if __name__ == "__main__":
    ADDAX = sys.argv.pop(1)
    unittest.main()
