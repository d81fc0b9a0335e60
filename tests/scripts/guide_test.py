#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the Python of the user guide as it stands there. Usage: guide_test.py ADDAX"""
import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "user_guide.md"
ADDAX = ""


class GuideTest(unittest.TestCase):
    def test_results_in_pandas(self):
        """The lines that read results give all points that are done, in order, with numbers as numbers."""
        blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
        self.assertEqual(len(blocks), 1)
        before = pathlib.Path.cwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            self.addCleanup(os.chdir, before)
            subprocess.run([ADDAX, "sweep", "array-shape", "--quiet"], check=True)
            names = {}
            exec(compile(blocks[0], str(GUIDE), "exec"), names)  # pylint: disable=exec-used
            points = names["points"]
            with contextlib.closing(sqlite3.connect("array-shape.sqlite")) as database:
                rows = database.execute("select number, \"arch.rows\", energy_j from points order by number").fetchall()
            names["results"].close()
            os.chdir(before)
        self.assertEqual(len(rows), 36)
        self.assertEqual(list(zip(points["number"], points["arch.rows"], points["energy_j"])), rows)
        self.assertEqual([points[key].dtype.kind for key in ("arch.rows", "energy_j")], ["i", "f"])


if __name__ == "__main__":
    ADDAX = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
