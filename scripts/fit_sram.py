#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the SRAM section of a cost table to CACTI 7 results.

  ln(figure) = c0 + c1 b + c2 w + c3 b^2 + c4 b w + c5 w^2,  b = ln(bytes), w = ln(width_bits)

by least squares (normal equations), for read energy, write energy, leakage and area. Prints the YAML
of the section with its error, or, with --check, compares it with a cost table (status 1: they differ).

Example: scripts/fit_sram.py --cell itrs-hp
         scripts/fit_sram.py --check
"""
import argparse
import csv
import math
import pathlib
import re
import sys

CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "configs" / "tech"
# Figure of the cost table, column of the CSV file, factor from the column's unit to the figure's.
FIGURES = [
    ("read_pj", "read_pJ", 1.0),
    ("write_pj", "write_pJ", 1.0),
    ("leakage_mw", "leak_mW", 1.0),
    ("area_um2", "area_mm2", 1e6),
]
DIGITS = 9  # significant digits of a printed coefficient


def terms(size_bytes, width_bits):
    b, w = math.log(size_bytes), math.log(width_bits)
    return [1.0, b, w, b * b, b * w, w * w]


def solve(matrix, right):
    """Gauss-Jordan elimination with partial pivoting."""
    n = len(matrix)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(n):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def least_squares(points, values):
    columns = range(len(points[0]))
    normal = [[math.fsum(p[i] * p[j] for p in points) for j in columns] for i in columns]
    right = [math.fsum(p[i] * v for p, v in zip(points, values)) for i in columns]
    return solve(normal, right)


def read_points(path, tech_nm, cell):
    with open(path, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["tech_nm"] == tech_nm and r["cell"] == cell]
    if not rows:
        sys.exit(f"fit_sram.py: {path} has no rows of {tech_nm} nm and cell {cell}")
    return rows


def fit(rows):
    """{figure: (coefficients, mean and greatest absolute error in per cent)}"""
    points = [terms(float(r["bytes"]), float(r["width_bits"])) for r in rows]
    result = {}
    for figure, column, factor in FIGURES:
        values = [math.log(float(r[column]) * factor) for r in rows]
        coefficients = [float(f"{c:.{DIGITS}g}") for c in least_squares(points, values)]
        errors = [
            100 * abs(math.exp(sum(c * t for c, t in zip(coefficients, p)) - v) - 1)
            for p, v in zip(points, values)
        ]
        result[figure] = (coefficients, sum(errors) / len(errors), max(errors))
    return result


def as_yaml(fitted, rows):
    lines = ["sram:", "  coefficients:"]
    for figure, (coefficients, mean, worst) in fitted.items():
        lines.append(f"    # error: mean {mean:.1f} %, greatest {worst:.1f} %")
        lines.append(f"    {figure}: [{', '.join(f'{c:.{DIGITS}g}' for c in coefficients)}]")
    for key in ("bytes", "width_bits"):
        sizes = [int(r[key]) for r in rows]
        lines.append(f"  {key}: [{min(sizes)}, {max(sizes)}]")
    return "\n".join(lines)


def differences(path, fitted):
    text = path.read_text()
    for figure, (coefficients, _, _) in fitted.items():
        found = re.search(rf"^    {figure}: \[([^\]]*)\]$", text, re.MULTILINE)
        given = [float(c) for c in found.group(1).split(",")] if found else None
        # Sums differ in the last digits from one C library's logarithm to another's.
        if given is None or len(given) != len(coefficients) or any(
            not math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-8) for a, b in zip(given, coefficients)
        ):
            yield f"{path}: {figure} is {given}, the fit gives {coefficients}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=CONFIGS / "cacti7_sram.csv")
    parser.add_argument("--tech-nm", default="45", choices=["45", "65"])
    parser.add_argument("--cell", default="itrs-lop", choices=["itrs-hp", "itrs-lop", "itrs-lstp"])
    parser.add_argument("--check", action="store_true", help="compare with --table")
    parser.add_argument("--table", type=pathlib.Path, default=CONFIGS / "physical-45nm.yaml")
    arguments = parser.parse_args()
    rows = read_points(arguments.data, arguments.tech_nm, arguments.cell)
    fitted = fit(rows)
    if not arguments.check:
        print(as_yaml(fitted, rows))
        return
    found = list(differences(arguments.table, fitted))
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
