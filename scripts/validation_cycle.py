# SPDX-License-Identifier: Apache-2.0
"""The page on the `cycle` fidelity: its cycles, and the closed form's, beside those of `detailed`."""
import concurrent.futures
import csv
import io
import os

from markdown_text import percent, table

TOLERANCE, CYCLES = 0.05, 20  # within one or the other
BANDS = (0.01, 0.02, 0.05, 0.1, 0.2)
WORST = 10
CLOSE = 0.8  # of what binds: binds nearly
OUTAGE_CYCLES = 100  # longer than any queue lasts
DESIGNS = [("eyeriss_fp16", "fp16"), ("eyeriss_int", "int-4bit-g128"), ("eyeriss_int8", "w8a8"),
           ("eyeriss_ternary", "ternary"), ("eyeriss_msfp", "msfp"),
           ("eyeriss_shift_add", "shiftadd-3bit"), ("eyeriss_shiftadd", "shiftadd-3bit"),
           ("eyeriss_shiftadd_mu4", "shiftadd-3bit"), ("eyeriss_lutgemm", "bcq-3bit-g128")]
MODEL, LAYERS = "opt-125m", ("q", "fc1", "fc2")
BOUNDS = {"dram": "DRAM", "buffer": "buffer", "network": "networks", "compute": "units of the PEs",
          "tables": "building tables", "vector_unit": "vector unit"}
RESOURCES = ("dram", "buffer", "network", "compute", "vector_unit")
# What only some cases have.
TRAITS = {
    "single tables": lambda row: row["tables"] == 1,
    "double tables": lambda row: row["tables"] == 2,
    "columns share the reduction": lambda row: row["sharing"] > 1,
    "sums come back from the buffer": lambda row: row["psums_return"] == 1,
    "narrow networks": lambda row: row["networks"] == "narrow",
    "busiest network: output, 64 bits or less":
        lambda row: row["network"] > 0 and row["busiest"] == "output" and row["network_bits"] <= 64,
    "two parts nearly bind": lambda row: sorted(row[each] for each in RESOURCES)[-2]
        >= CLOSE * max(row[each] for each in RESOURCES),
    f"outages of DRAM of {OUTAGE_CYCLES} cycles or more":
        lambda row: row["refresh_cycles"] >= OUTAGE_CYCLES,
    "write queue of one place": lambda row: row["write_queue"] == 1,
    "one input or one output": lambda row: row["kind"] != "vector"
        and "1" in row["shape"].split(" x ")[1:],
    "one pass": lambda row: row["passes"] == 1,
}
# Why the worst are off, found by following both models from cycle to cycle, by case, cycles of `cycle`
# and clocked ones: where any of these changes, the cause may have too.
CAUSES = {
    (812, 1669, 1170):
        "double tables are read in three passes, and the next ones are built beside all three; "
        "`cycle`, like the closed form, builds them beside the reads of their own pass alone",
    (963, 222, 193):
        "the third wave of keys ends in the fourth row of six, which adds and scales beside "
        "what the sixth has still to do, since each row above is ahead by what its own "
        "scratchpad holds; `cycle` lets all rows run ahead of the busiest by what one holds",
    (519, 2150, 2593):
        "sums go to two banks and come back from them, which takes longer than the queries; "
        "keys wait with them, and the half that they are in is free later; `cycle` frees it "
        "when the PEs by themselves would be through, so that DRAM brings the inputs of the "
        "next tables earlier",
    (392, 1043, 851):
        "a write queue of one place, and passes whose sums wait for it. Each PE keeps the sums "
        "of the pass after, so that these leave in 2 cycles when DRAM has taken those before "
        "(19 a pass); `cycle` has them leave as they are computed, in 15 (26 a pass)",
    (663, 28820, 36020):
        "a write queue of one place, and sums that go out to the buffer and come back within "
        "their pass: the first of them wait for the place until DRAM has the results of the "
        "pass before, and the PEs stand still from there on (1500 cycles a pass); `cycle` lets "
        "a pass go on until its results leave",
    (148, 828, 1050):
        "keys go to all columns together, and there is room for them when the last column, "
        "whose sums come back last, has read those before: the other columns wait without keys "
        "(33 cycles a pass); `cycle` has no part that is busy for more than 27",
}
WORDS = ("kind", "design", "format", "bound", "shape", "array", "networks", "busiest", "table",
         "mapping")
EXPLAINED = 3  # cases too slow, and as many too fast


def read(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    return [{key: value if key in WORDS else int(value) for key, value in row.items()}
            for row in rows]


class MissingCause(Exception):
    """The causes that are written are not those of the worst cases."""


def off(row, model):
    """Deviation from the clocked cycles, signed; a transfer of what lies in DRAM already takes none."""
    return (row[model] - row["detailed"]) / max(row["detailed"], 1)


def within(row, model="cycle"):
    return abs(off(row, model)) <= TOLERANCE or abs(row[model] - row["detailed"]) <= CYCLES


def mean(values):
    return sum(values) / len(values)


def percentile(values, share):
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def signed(value):
    text = percent(100 * value)
    return text if text.startswith(("-", "0.0 ")) else f"+{text}"


HEADS = ["cases", "`cycle`: within", "mean", "95th percentile",
         "closed form: within", "mean", "95th percentile"]


def figures(rows):
    cells = [len(rows)]
    for model in ("cycle", "closed"):
        absolute = [abs(off(row, model)) for row in rows]
        cells += [sum(within(row, model) for row in rows), percent(100 * mean(absolute)),
                  percent(100 * percentile(absolute, 0.95))]
    return cells


def grouped(rows, *keys):
    """(values of the keys, rows), in order of first appearance."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups.items()


def by_bound(rows):
    found = dict(grouped(rows, "bound"))
    return [(name, found[key,]) for key, name in BOUNDS.items() if (key,) in found]


def bands(rows):
    def cells(of, model):
        absolute = [abs(off(row, model)) for row in of]
        edges = (-1, *BANDS, float("inf"))
        return [percent(100 * mean([low < each <= high for each in absolute]), 0)
                for low, high in zip(edges, edges[1:])]
    heads = ["what binds", "model", *(f"to {100 * each:g} %" for each in BANDS), "more"]
    groups = [*by_bound(rows), ("all", rows)]
    return table(heads, [[name, words, *cells(of, model)] for name, of in groups
                         for model, words in (("cycle", "`cycle`"), ("closed", "closed form"))], 2)


def traits(row):
    return [name for name, has in TRAITS.items() if has(row)]


def shared(rows):
    def share(of):
        return percent(100 * mean([not within(row) for row in of])) if of else "-"
    found = []
    for name, has in TRAITS.items():
        parts = [row for row in rows if has(row)], [row for row in rows if not has(row)]
        found.append([name, len(parts[0]), share(parts[0]), share(parts[1])])
    return table(["trait", "cases", "beyond, with it", "beyond, without it"], found)


def far(rows):
    """Those beyond CYCLES, the greatest relative deviation first."""
    return sorted((row for row in rows if abs(row["cycle"] - row["detailed"]) > CYCLES),
                  key=lambda row: (-abs(off(row, "cycle")), row["case"]))


def causes(rows):
    """Why `cycle` is off in the worst cases of either sign; all have a cause written, and only those."""
    found = [row for slow in (True, False)
             for row in [row for row in far(rows) if (off(row, "cycle") > 0) == slow][:EXPLAINED]]
    written = dict(CAUSES)
    lines = []
    for row in found:
        key = row["case"], row["cycle"], row["detailed"]
        if key not in written:
            raise MissingCause(f"case {row['case']}, {row['cycle']} cycles and clocked {row['detailed']}, is "
                               f"one of the worst: find out why, and write its cause in CAUSES")
        lines.append(f"- {row['case']} ({signed(off(row, 'cycle'))}): {written.pop(key)}")
    if written:
        raise MissingCause(f"CAUSES has cases that are not, or no longer, among the worst: {list(written)}")
    return "\n".join(lines) + "\n"


def worst(rows):
    heads = ["case", "design, format", "shape", "array", "what binds", "mapping", "what it has",
             "clocked", "`cycle`", "closed form"]
    return table(heads, ([row["case"], f"{row['design']}, {row['format']}", row["shape"],
                          row["array"], BOUNDS[row["bound"]], row["mapping"],
                          "; ".join(traits(row)), row["detailed"], signed(off(row, "cycle")),
                          signed(off(row, "closed"))] for row in far(rows)[:WORST]), 7)


def shipped(addax):
    """Layers of a model on the shipped designs, every PE clocked."""
    fidelities = ("detailed", "cycle", "analytic")

    def layers(job):
        design, weights, fidelity = job
        report = addax.command("run", "--arch", design, "--trace", f"{MODEL}.decode.{weights}",
                               "--fidelity", fidelity, "--baseline", "none")
        return {layer["name"]: layer for layer in report["layers"] if layer["name"] in LAYERS}
    jobs = [(*design, fidelity) for fidelity in fidelities for design in DESIGNS]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(jobs, pool.map(layers, jobs)))
    rows = []
    for design in DESIGNS:
        for name in LAYERS:
            clocked, cycle, closed = (found[(*design, fidelity)][name] for fidelity in fidelities)
            assert clocked["fidelity"] == "detailed", (design, name)
            row = {"detailed": clocked["cycles"], "cycle": cycle["cycles"],
                   "closed": closed["cycles"]}
            rows.append([f"`{design[0]}`", clocked["format"], name, BOUNDS[clocked["bound_by"]],
                         clocked["cycles"] // clocked["repeat"], signed(off(row, "cycle")),
                         signed(off(row, "closed"))])
    heads = ["design", "format", "layer", "largest bound", "clocked", "`cycle`", "closed form"]
    return table(heads, rows, 4)


def page(addax):
    rows = read(addax.deviations())
    good = sum(map(within, rows))
    poor = [row for row in rows if abs(off(row, "closed")) > TOLERANCE]
    halved = sum(2 * abs(off(row, "cycle")) <= abs(off(row, "closed")) for row in poor)
    slower = sum(off(row, "cycle") > 0 for row in rows if not within(row))
    products = [row for row in rows if row["kind"] == "product"]
    operations = [row for row in rows if row["kind"] == "vector"]
    tables = [row for row in rows if row["kind"] == "table"]
    ways = [[*(f"`{each}`" if i == 0 else each for i, each in enumerate(key)), *figures(of)]
            for key, of in sorted(grouped(products, "design", "format"))]
    functions = ["vector unit", "all functions, transfers", *figures(operations)]
    others = [[f"`{design}`", weights, kind, *figures(of)] for (design, weights, kind), of
              in grouped(tables, "design", "format", "table")]
    sizes = [[f"{tokens}", networks, *figures(of)] for (tokens, networks), of
             in sorted(grouped(products, "tokens", "networks"))]
    return "\n".join([
        "# `cycle` beside every PE clocked\n",
        "Cycles of single layers by three models: `cycle`, one SystemC transaction a pass; "
        "[`detailed`](../physics/detailed.md), in which every PE works in every cycle, and which is "
        "the reference here; and the closed form, which is `analytic`. Deviations are a "
        "model's cycles minus the clocked ones, over the clocked ones; means and percentiles are of "
        "their absolute values. A case is `within` (tolerance) at "
        f"{100 * TOLERANCE:g} % or {CYCLES} cycles.\n",
        f"`cycle` is in {good} of {len(rows)} cases ({percent(100 * good / len(rows))}); of the other "
        f"{len(rows) - good}, it is too slow in {slower} and too fast in {len(rows) - good - slower}. "
        f"The closed form is off by more than {100 * TOLERANCE:g} % in {len(poor)} cases; "
        f"`cycle` at least halves that in {halved} of them "
        f"({percent(100 * halved / len(poor))}).\n",
        "## Cases\n",
        f"`addax_deviations` draws {len(products)} products, in turn of each datapath and the formats "
        f"that it runs in ways of its own, {len(operations)} operations of the vector unit, and {len(tables)} "
        "products on tables of other kinds than those shipped, from a "
        "fixed seed (`tests/deviations`). Random are the array (1 x 1 to 7 x 6), the product "
        "(1, 4 or 64 tokens; inputs and outputs of 1 to 150, primes and 1 among them, some up to 1000), "
        "banks, DRAM's bandwidth and refresh (none, as shipped, or outages of 100 to 4000 "
        "cycles), the latencies of networks, the write queue (1 to 4 places) and whether tables are single or "
        "double (the streaming part of the buffer always has two halves). Every second round of formats "
        "has narrow networks: 32 to 512 bits each. "
        "The mapping is the one that a run would take.\n",
        "## By what binds\n",
        "The largest of the closed-form bounds. `building tables`: PEs bind, and they build "
        "for longer than they query and add.\n",
        table(["what binds", *HEADS], [[name, *figures(of)]
                                       for name, of in [*by_bound(rows), ("all", rows)]]),
        "Share of the cases by absolute deviation, each band without those before:\n",
        bands(rows),
        "## By datapath and format\n", table(["design", "format", *HEADS], [*ways, functions], 2),
        "Tables of other keys, full instead of half, or with another number of readers than in the shipped design "
        "of this name; units and scratchpads are for as many readers, and hold as many keys, as there:\n",
        table(["design", "format", "table", *HEADS], others, 3),
        "Products by tokens and networks, on shipped tables:\n", table(["tokens", "networks", *HEADS], sizes, 2),
        "## What the cases beyond tolerance have in common\n",
        "Share of the cases beyond tolerance, among those with a trait and among the others:\n",
        shared(rows),
        f"## The {WORST} worst\n",
        f"More than {CYCLES} cycles off, the greatest relative deviation first. Shapes are tokens x inputs x "
        "outputs, arrays rows x columns.\n",
        worst(rows),
        f"Why, for the {EXPLAINED} that `cycle` has most too slow and the {EXPLAINED} most too fast:\n",
        causes(rows),
        "## Shipped designs\n",
        f"Linear layers of {MODEL.upper()} in decode, once each:\n", shipped(addax)])
