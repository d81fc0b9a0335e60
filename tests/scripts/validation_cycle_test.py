#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/validation_cycle.py: that the page on cycle is what the commands give now, and that the
cases are of all kinds. Usage: validation_cycle_test.py ADDAX DEVIATIONS [unittest's arguments]"""
import contextlib
import io
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import make_validation  # noqa: E402  (its folder comes first)
import validation_cycle  # noqa: E402

ADDAX, DEVIATIONS = "", ""
PRIMES = {"2", "7", "13", "31", "97", "131"}


class CasesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addax = make_validation.Addax(ADDAX, DEVIATIONS)
        cls.cases = cls.addax.deviations()
        cls.rows = validation_cycle.read(cls.cases)
        cls.products = [row for row in cls.rows if row["kind"] == "product"]

    def test_the_page_is_what_they_give(self):
        with mock.patch.object(self.addax, "deviations", lambda: self.cases):
            page = make_validation.PAGES["cycle"](self.addax)
        path = make_validation.DOCS / "cycle.md"
        self.assertEqual(make_validation.differences(path, page), [])

    def test_every_part_binds_some_cases_and_dram_at_most_a_third(self):
        self.assertGreater(len(self.rows), 750)
        count = {bound: sum(row["bound"] == bound for row in self.rows)
                 for bound in validation_cycle.BOUNDS}
        self.assertEqual(sum(count.values()), len(self.rows))
        self.assertLessEqual(3 * count["dram"], len(self.rows))
        self.assertGreaterEqual(min(count.values()), 15, count)

    def test_products_are_of_all_datapaths_sizes_and_networks(self):
        designs = {row["design"] for row in self.products}
        self.assertEqual(designs, {each.stem for each in (ROOT / "configs" / "arch").iterdir()})
        for design in designs:
            rows = [row for row in self.products if row["design"] == design]
            self.assertEqual({row["tokens"] for row in rows}, {1, 4, 64}, design)
            self.assertEqual({row["networks"] for row in rows}, {"wide", "narrow"}, design)
            if rows[0]["tables"]:
                self.assertEqual({row["tables"] for row in rows}, {1, 2}, design)
        self.assertEqual({row["write_queue"] for row in self.products}, {1, 2, 3, 4})
        self.assertGreater(sum(row["refresh_cycles"] >= 1000 for row in self.products), 50)

    def test_tables_are_of_other_kinds_than_those_shipped(self):
        tables = [row for row in self.rows if row["kind"] == "table"]
        kinds = {row["table"] for row in tables}
        self.assertTrue(kinds.isdisjoint({row["table"] for row in self.products}), kinds)
        for what in ("keys of 2,", "keys of 8, half", ", full,"):
            self.assertTrue(any(what in kind for kind in kinds), what)
        for kind in kinds:
            rows = [row for row in tables if row["table"] == kind]
            self.assertEqual({row["tables"] for row in rows}, {1, 2}, kind)
            self.assertEqual({row["networks"] for row in rows}, {"wide", "narrow"}, kind)

    def test_products_have_edges(self):
        shapes = [row["shape"].split(" x ")[1:] for row in self.products]
        self.assertGreater(sum("1" in shape for shape in shapes), 20)
        self.assertGreater(sum(bool(PRIMES.intersection(shape)) for shape in shapes), 50)
        self.assertGreater(sum(any(int(each) % 8 for each in shape) for shape in shapes), 300)
        larger = 0
        for row, shape in zip(self.products, shapes):
            rows, columns = map(int, row["array"].split(" x "))
            larger += min(map(int, shape)) > rows * columns
        self.assertGreater(larger, 100)

    def test_the_simpler_models_are_not_below_the_busiest_part(self):
        for row in self.rows:
            least = max(row[each] for each in validation_cycle.RESOURCES)
            self.assertGreaterEqual(row["closed"], least, row["case"])
            self.assertGreaterEqual(row["cycle"], least, row["case"])


class FiguresTest(unittest.TestCase):
    def test_five_per_cent_or_twenty_cycles(self):
        for cycle, expected in ((1000, True), (1050, True), (1051, False), (950, True), (949, False)):
            self.assertEqual(validation_cycle.within({"detailed": 1000, "cycle": cycle}), expected)
        for cycle, expected in ((120, True), (121, False), (80, True), (79, False)):
            self.assertEqual(validation_cycle.within({"detailed": 100, "cycle": cycle}), expected)

    def test_percentiles_are_values_that_occur(self):
        values = list(range(1, 101))
        self.assertEqual(validation_cycle.percentile(values, 0.95), 95)
        self.assertEqual(validation_cycle.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(validation_cycle.percentile([7], 0.95), 7)

    def test_deviations_have_a_sign_unless_they_round_to_nothing(self):
        self.assertEqual([validation_cycle.signed(each) for each in (0.0123, -0.0123, 0.0001, -0.0001)],
                         ["+1.2 %", "-1.2 %", "0.0 %", "0.0 %"])

    def test_a_program_that_fails_is_one_line(self):
        for program in ("/nonexistent/addax_deviations", "/bin/false"):
            err = io.StringIO()
            with contextlib.redirect_stderr(err), self.assertRaises(SystemExit) as end:
                make_validation.Addax("", program).deviations()
            self.assertEqual((end.exception.code, err.getvalue().count("\n")), (2, 1))


class CausesTest(unittest.TestCase):
    ROWS = [{"case": case, "cycle": cycle, "detailed": 1000}
            for case, cycle in ((1, 1000), (2, 1300), (3, 1500), (4, 1020), (5, 600), (6, 1021))]

    def written(self, *keys):
        with mock.patch.object(validation_cycle, "CAUSES", {key: f"of {key[0]}" for key in keys}):
            return validation_cycle.causes(self.ROWS)

    def test_the_worst_of_either_sign_have_theirs(self):
        self.assertEqual(self.written((3, 1500, 1000), (2, 1300, 1000), (6, 1021, 1000), (5, 600, 1000)),
                         "- 3 (+50.0 %): of 3\n- 2 (+30.0 %): of 2\n- 6 (+2.1 %): of 6\n"
                         "- 5 (-40.0 %): of 5\n")

    def test_one_that_is_missing_has_changed_or_is_no_longer_among_them_is_found(self):
        all_but_one = (3, 1500, 1000), (2, 1300, 1000), (6, 1021, 1000)
        for keys in (all_but_one, (*all_but_one, (5, 601, 1000)), (*all_but_one, (5, 600, 1001)),
                     (*all_but_one, (5, 600, 1000), (4, 1020, 1000))):
            with self.assertRaises(validation_cycle.MissingCause):
                self.written(*keys)


class ArgumentsTest(unittest.TestCase):
    def test_what_is_no_number_is_refused(self):
        for words in (["--help"], ["abc"], ["-1"], ["1x"], ["1", ""], ["1", "1", "1", "1", "1"],
                      ["99999999999"], ["2000000"]):
            run = subprocess.run([DEVIATIONS, *words], capture_output=True, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout), (2, ""), words)
            self.assertIn("usage: addax_deviations", run.stderr)

    def test_numbers_are_taken(self):
        run = subprocess.run([DEVIATIONS, "1", "2", "3", "7"], capture_output=True, text=True,
                             check=True)
        self.assertEqual(run.stdout.count("\n"), 1 + 1 + 2 + 3)


if __name__ == "__main__":
    ADDAX, DEVIATIONS = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
