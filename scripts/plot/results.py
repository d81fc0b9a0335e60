# SPDX-License-Identifier: Apache-2.0
"""What the plots of a sweep share: reading its results file (docs/formats/results.md), filters, and
which points and inputs a figure is about."""
import argparse
import json
import math
import pathlib
import sqlite3

import expression
from common import InputError, prefix_of, run, save

FORMAT = "addax.results/1"


def parser_of(doc):
    """What every figure of a results file takes."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="what 'addax sweep' wrote")
    parser.add_argument("prefix", type=prefix_of,
                        help="start of the names of the figure: PREFIX.pdf, PREFIX.png")
    parser.add_argument("--where", metavar="SQL", help="only points that pass an expression over "
                        "columns of the table points: \"arch.rows >= 8 and energy_j < 1\"")
    return parser


def main(parser, draw):
    """A figure's command: `draw` makes it of Results and the arguments that `parser` reads."""
    def command():
        arguments = parser.parse_args()
        save(draw(Results(arguments.results), arguments), arguments.prefix)
    run(command)


class Results:
    """A results file. `inputs` are the columns that name a point, `axes` those of them that vary."""

    def __init__(self, path):
        self.path = path
        if not pathlib.Path(path).is_file():
            raise InputError(f"{path}: " + (
                "is a directory" if pathlib.Path(path).is_dir() else "No such file"))
        self.database = sqlite3.connect(f"{pathlib.Path(path).resolve().as_uri()}?mode=ro", uri=True)
        self.database.row_factory = sqlite3.Row
        try:
            sweep = dict(self.database.execute("select key, value from sweep").fetchall())
            self.columns = [row["name"] for row in self.database.execute("pragma table_info(points)")]
        except sqlite3.Error as error:
            raise InputError(f"{path}: is not a results file of 'addax sweep': {error}") from None
        if sweep.get("format") != FORMAT:
            raise InputError(f"{path}: format: found '{sweep.get('format')}'; allowed: {FORMAT}")
        for column in ("id", "number", "status"):
            self.require(column, "points")
        self.name = sweep.get("name", "")
        self.inputs, self.axes = (self._names(sweep, key) for key in ("inputs", "axes"))

    def _names(self, sweep, key):
        try:
            names = json.loads(sweep[key])
        except (KeyError, ValueError):
            names = None
        if not isinstance(names, list) or not all(name in self.columns for name in names):
            raise InputError(f"{self.path}: sweep: {key}: found '{str(sweep.get(key))[:60]}'; "
                             "allowed: a JSON list of columns of the table points")
        return names

    def query(self, text, values=()):
        try:
            return [dict(row) for row in self.database.execute(text, values)]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise InputError(f"{self.path}: {error}") from None

    def points(self, where=None):
        """The sweep's points that pass `where`, in order, those that failed too."""
        text = "select * from points where number is not null"
        if where is not None:
            text += f" and ({self.expression(where)})"
        try:
            rows = [dict(row) for row in self.database.execute(f"{text} order by number")]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise InputError(f"--where: found '{where}': {error}" if where is not None
                             else f"{self.path}: {error}") from None
        if not rows:
            raise InputError(f"{self.path}: has no points" +
                             ("" if where is None else f" that pass --where '{where}'"))
        return rows

    def done(self, where=None):
        """The points of `points` that have results."""
        rows = [row for row in self.points(where) if row["status"] == "done"]
        if not rows:
            raise InputError(f"{self.path}: no point is done" +
                             ("" if where is None else f" that passes --where '{where}'"))
        return rows

    def expression(self, where):
        """An expression with the names of columns in quotes, as their dots need. SQLite takes a quoted
        name that is none for a string, and finds nothing: here it is an error."""
        try:
            text, names = expression.named_words(where)
        except ValueError as error:
            raise InputError(f"--where: found '{where}': {error}") from None
        known = {column.lower() for column in self.columns}
        for name in names:
            if name.lower() not in known:
                self.require(name, "--where")
        return text

    def require(self, column, option):
        """Refuses a column that the file does not have; `option` is what named it."""
        if column not in self.columns:
            allowed = [name for name in self.columns if name not in ("id", "key", "content")]
            raise InputError(f"{option}: {self.path} has no column '{column}'; "
                             f"allowed: {', '.join(allowed)}")

    def numbers(self, rows, column, option):
        """Those rows that have a number in a column."""
        self.require(column, option)
        for row in rows:
            if isinstance(row[column], str):
                raise InputError(f"{option}: {column}: found '{row[column]}'; allowed: a column of "
                                 "numbers")
        found = [row for row in rows if row[column] is not None and math.isfinite(row[column])]
        if not found:
            raise InputError(f"{option}: no point has a number in the column '{column}'")
        return found


def values_of(rows, key):
    """The values of an input, each once: numbers in order, then words as they come."""
    found = list(dict.fromkeys(row[key] for row in rows))
    numbers = sorted(value for value in found if isinstance(value, (int, float)))
    return numbers + [value for value in found if not isinstance(value, (int, float))]


def follows(rows, key, others):
    """Whether the values of some inputs tell that of another, as those of linked axes do."""
    known = {}
    return all(known.setdefault(tuple(row[other] for other in others), row[key]) == row[key]
               for row in rows)


def varying(results, rows, all_rows=None):
    """The axes that tell rows apart: of axes that change together the first. What changes together is
    seen in `all_rows`, if the rows are few of many."""
    kept = []
    for key in results.axes:
        if len({row[key] for row in rows}) > 1 and not any(
                follows(all_rows or rows, key, [other]) for other in kept):
            kept.append(key)
    return kept


def spread(values):
    """Sum of squared distances from the mean."""
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def alike(rows, keys):
    """Groups of two and more points that have some inputs equal."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def variance_within(groups, column):
    """Of the logarithm of an output, over all groups together."""
    free = sum(len(group) - 1 for group in groups)
    return math.fsum(spread([math.log(row[column]) for row in group]) for group in groups) / free


def by_importance(rows, keys, columns):
    """Of inputs that vary, first that which matters most for some outputs: the share of the variance of an
    output's logarithm that is left where all other inputs are held (Sobol's total effect), averaged over
    the outputs. Where a sample has few points that differ in one input alone, 1 minus the share that is
    left where this input is held (Kelley's epsilon squared)."""
    others = {key: alike(rows, [other for other in keys if other != key]) for key in keys}
    alone = all(2 * sum(map(len, groups)) >= len(rows) for groups in others.values())

    def share(key, column):
        groups = others[key] if alone else alike(rows, [key])
        total = variance_within([rows], column)
        if not groups or total == 0.0:
            return 0.0
        left = variance_within(groups, column) / total
        return left if alone else 1.0 - left
    if len(rows) < 2 or any(row[column] <= 0 for row in rows for column in columns):
        return list(keys)
    # Rounded, so that what is equal but for the last digit stays in the sweep's order.
    return sorted(keys, key=lambda key: -round(math.fsum(share(key, c) for c in columns), 9))


def front_of(rows, x, y):
    """The points than which none is as low in both columns and lower in one, from the lowest x. Equal
    points are all in or all out, as in `addax pareto`."""
    front = []
    for row in sorted(rows, key=lambda row: (row[x], row[y])):
        if not front or row[y] < front[-1][y] or (row[x], row[y]) == (front[-1][x], front[-1][y]):
            front.append(row)
    return front


# Equal where points do the same work, as in `addax pareto` (sim/sweep/front.cpp).
WORK = ["trace.model", "trace.phase", "trace.context", "trace.batch", "trace.distinct_experts",
        "macs"]


def works_of(results, rows, columns=()):
    """Groups of points that do the same work: equal in their MACs and in the axes that say what is
    computed (not in which numbers), in the order of their first points. A figure of `columns` that are
    among these is about what they do: points are then compared across them, and across MACs."""
    keys = [key for key in WORK if key not in columns and (
        not any(column in WORK for column in columns) if key == "macs" else key in results.axes)]
    works = {}
    for row in rows:
        works.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return list(works.values())


def telling(works):
    """Of the columns that are equal within works the fewest, from the first, that tell all apart."""
    kept, told = [], 1
    for key in WORK:
        count = len({tuple(work[0].get(each) for each in kept + [key]) for work in works})
        if count > told and all(len({row.get(key) for row in work}) == 1 for work in works):
            kept, told = kept + [key], count
    return kept
