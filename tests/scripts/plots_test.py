#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the plot scripts. Usage: plots_test.py ADDAX [unittest's arguments]"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
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
                (self.folder / "once" / f"plot-{figure}.{kind}").read_bytes()
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
    NAME = "plot_accuracy.py"

    def test_a_figure_a_family(self):
        csv = addax("--accuracy", "--model", "llama-2-7b", "--model", "llama-2-13b", "--model",
                    "llama-3-8b", "--csv", "-")
        self.check_figures(self.NAME, self.write(csv), ["llama-2", "llama-3"])

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
    NAME = "plot_audit.py"

    def test_energy_and_latency(self):
        audit = addax("--audit", "--model", "opt-125m", "--json", "-")
        self.check_figures(self.NAME, self.write(audit), ["energy", "latency"])

    def test_an_audit_without_a_claim(self):
        audit = {**json.loads(addax("--audit", "--model", "opt-125m", "--json", "-")),
                 "claim": None}
        self.check_figures(self.NAME, self.write(json.dumps(audit)), ["energy", "latency"])

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
                             ({"quantity": "weight_memory"}, "savings")):
            self.check_refused(self.NAME, self.write(json.dumps({**audit, **change})), part)


class HelpTest(unittest.TestCase):
    def test_help_says_what_and_gives_an_example(self):
        for name in ("plot_accuracy.py", "plot_audit.py"):
            done = script(name, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("Example: addax reproduce", done.stdout)


if __name__ == "__main__":
    ADDAX = sys.argv.pop(1)
    unittest.main()
