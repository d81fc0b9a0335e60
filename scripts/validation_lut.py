# SPDX-License-Identifier: Apache-2.0
"""The page on tables as hardware: published facts beside what `addax area` and `addax run` give."""
import concurrent.futures
import copy
import dataclasses
import itertools
import json
import pathlib
import tempfile

from markdown_text import fixed, percent, si, significant, table

TOLERANCE_PERCENT = 5.0  # of energies, powers and areas; counts and orders have none
BASE = "eyeriss_shiftadd"
ACCUMULATORS = 768  # tables x readers: as many queries a cycle in every design
ROWS = 12
SQUARE_ROWS = {1: 24, 2: 24, 4: 12, 8: 12, 16: 6, 32: 6, 64: 3}  # by readers
KEYS = (2, 4, 8)
READERS = (1, 2, 4, 8, 16, 32, 64)
STORAGES = {"flip-flop, gated": ("flip_flop", True), "flip-flop, clocked": ("flip_flop", False),
            "latch, gated": ("latch", True), "SRAM": ("sram", True)}
OUTPUTS, PLANES = 4096, 3
LAYER = """addax: trace/1
name: opt-6.7b.q_proj
model: opt-6.7b
phases:
""" + "".join(f"""  - name: {kind}
    kind: {kind}
    batch: 1
    new_tokens: {tokens}
    context: {context}
    blocks:
      - name: block
        operations:
          - name: q
            kind: linear
            linear: {{tokens: {tokens}, inputs: 4096, outputs: {OUTPUTS}, role: attention, weights: {{kind: shiftadd, planes: {PLANES}, scales: {{sharing: block, block_columns: 8}}, scale_terms: 3}}}}
            reads: [x]
            writes: y
""" for kind, tokens, context in (("decode", 1, 2048), ("prefill", 512, 512)))


@dataclasses.dataclass(frozen=True)
class Table:
    """One point of the grid."""
    keys: int
    half: bool
    storage: str
    readers: int
    copies: int = 1
    square: bool = False

    def rows(self):
        return SQUARE_ROWS[self.readers] if self.square else ROWS

    def words(self):
        return f"mu = {self.keys}, {'half' if self.half else 'full'}, {self.storage}"


class Grid:
    """Runs a layer on designs that differ in their tables, each once."""

    def __init__(self, addax, folder):
        self.addax, self.folder = addax, pathlib.Path(folder)
        self.trace = self.folder / "layer.yaml"
        self.trace.write_text(LAYER)
        origin = addax.command("area", "--arch", BASE)["provenance"]
        self.base = origin["configuration"]["architecture"]
        self.runs = {}

    def architecture(self, point):
        design = copy.deepcopy(self.base)
        group = next(each for each in design["groups"] if "lut" in each["datapath"])
        design["groups"] = [group]
        design["rows"] = point.rows()
        group["columns"] = ACCUMULATORS // (point.readers * point.rows())
        storage, gated = STORAGES[point.storage]
        group["datapath"]["lut"].update(
            key_bits=point.keys, half_table=point.half, storage=storage, clock_gated=gated,
            readers=point.readers, copies=point.copies)
        # As many a weight as BASE has: scaling keeps pace with the queries of all PEs, though not in
        # the PE in which a segment of several shorter keys ends, which scales it for the others.
        weights = point.readers * point.keys
        counts = {"exponent.add": -(-3 * weights // 8), "fp16.add": -(-2 * weights // 8),
                  "fp32.add": point.readers}
        for unit in group["datapath"]["units"]:
            unit["count"] = counts[unit["executes"]]
        group["activation_scratchpad"]["words"] = point.keys
        group["weight_scratchpad"]["width_bits"] = weights
        group["psum_scratchpad"]["words"] = 2 * point.readers
        return design

    def run(self, point):
        if point not in self.runs:
            name = "_".join(map(str, dataclasses.astuple(point))).replace(" ", "_").replace(",", "")
            path = self.folder / f"{name}.yaml"
            path.write_text(json.dumps(self.architecture(point)))
            self.runs[point] = self.addax.command("run", "--arch", str(path), "--trace",
                                                  str(self.trace), "--baseline", "none", "--quiet")
        return self.runs[point]

    def run_all(self, points):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self.run, points))


# --- what a run says of its table -----------------------------------------------------------------

def price(run, verb):
    """pJ of one action of the table."""
    action = next(each for each in run["actions"] if each["action"] == f"lut[0].{verb}")
    return action["energy_j"] / action["count"] * 1e12


def area(run, part):
    """um2 in one PE; 0 where there is no such part."""
    return sum(each["area_mm2"] * 1e6 / each["instances"] for each in run["area"]
               if each["component"] == f"array[0].lut.{part}")


def entries(point):
    return 2 ** (point.keys - point.half)


def held(run, point):
    """pJ a cycle of the clock of all bits."""
    return price(run, "hold") * entries(point) * 16 * point.copies


def leaked(run):
    """pJ a cycle of the cells; the table's logic leaks by area."""
    cells = area(run, "table")
    return price(run, "powered") * cells / (cells + area(run, "ports") + area(run, "generator"))


def adds(run):
    count = sum(each["count"] for each in run["actions"]
                if each["action"] == "lut[0].compute.fp16.add")
    return count / sum(layer["tables"]["built"] for layer in run["layers"])


def built(run, point):
    """pJ of one table."""
    return (adds(run) * price(run, "compute.fp16.add")
            + entries(point) * price(run, "write"))


def layer(run, phase):
    return next(each for each in run["layers"] if each["phase"] == phase)


def cost(run, phase):
    """Energy x delay of a layer, Js."""
    return layer(run, phase)["energy_j"] * layer(run, phase)["latency_s"]


# --- facts ----------------------------------------------------------------------------------------

VERDICT = 6  # its column


def compared(fact, source, published, ours, unit, remark="", tolerance=TOLERANCE_PERCENT):
    deviation = 100.0 * (ours - published) / published
    agrees = abs(deviation) <= tolerance
    verdict = "reproduced" if agrees else "not reproduced"
    text = [f"{value:.0f} {unit}".strip() if value >= 1e4 or float(value).is_integer()
            else f"{shown} {unit}".strip()
            for value, shown in ((published, f"{published:g}"), (ours, significant(ours)))]
    return [fact, source, *text, percent(deviation), f"{tolerance:g} %" if tolerance else "none",
            verdict, remark]


def ordered(fact, source, published, ours, holds, remark):
    return [fact, source, published, ours, "-", "order", "reproduced" if holds else "not reproduced",
            remark]


FIGLUT = "FIGLUT, HPCA 2025"
ALADDIN = "Accelergy's Aladdin table, 40 nm"
NO_EVIDENCE = "No evidence:"
MADE_OF_IT = f"{NO_EVIDENCE} the cost row was made from this figure."


def counts(grid):
    rows = []
    for keys, published in zip(KEYS, (2, 12, 152)):
        run = grid.run(Table(keys, True, "flip-flop, gated", 8))
        rows.append(compared(f"adds of a tree generator, half table, mu = {keys}",
                             "2, 12, 152 by A(mu) = 2^(mu-1) + 2 A(mu/2)", published, adds(run), "",
                             tolerance=0.0))
    tree = adds(grid.run(Table(8, True, "flip-flop, gated", 8)))
    rows.append(compared(
        "adds of a chain, mu = 8", "an add an entry: 128", 128, tree, "",
        "Chains are not modelled: ours is the tree. A chain would save a sixth of the adds, and take "
        "an adder's latency for each entry.", tolerance=0.0))
    return rows


def powers(grid):
    clocked = {half: Table(4, half, "flip-flop, clocked", 8) for half in (True, False)}
    runs = {half: grid.run(point) for half, point in clocked.items()}
    power = {half: held(runs[half], clocked[half]) + leaked(runs[half]) for half in runs}
    rows = [compared("power of a half table over a full one's, mu = 4", f"{FIGLUT}, Table III, 28 nm",
                     0.494, power[True] / power[False], "",
                     "Ours is the ratio of the bits: clock and leakage of the cells.")]
    # Reads of 2 and of 8 words differ by six multiplexers a bit.
    few = price(grid.run(Table(2, True, "flip-flop, clocked", 8)), "read")
    ports = (price(runs[True], "read") - few) / 6 * 7
    rows.append(compared(
        "multiplexer and decoder of a half table over the full one's power, mu = 4",
        f"{FIGLUT}, Table III, 28 nm", 0.005, ports / power[False], "",
        f"{MADE_OF_IT} It counts 8 words and 0.009 pJ a bit; 7 multiplexers, 0.0088 pJ and leakage "
        "remain. The print has one digit."))
    wide = {gated: Table(8, True, f"flip-flop, {gated}", 8) for gated in ("clocked", "gated")}
    for name, published in (("clocked", 18.0), ("gated", 0.6)):
        run = grid.run(wide[name])
        what = f"a half table of flip-flops, mu = 8, {name}: energy a cycle"
        rows.append(compared(f"{what}, without leakage", "bits x activity x clock energy a bit",
                             published, held(run, wide[name]), "pJ", MADE_OF_IT))
        rows.append(compared(
            f"{what}, with leakage", "bits x (activity x clock energy a bit + leakage / frequency)",
            published, held(run, wide[name]) + leaked(run), "pJ",
            f"{NO_EVIDENCE} the clock's part was made from this figure. Leakage of the cells at 250 MHz, "
            "from the assumed row `logic`, comes on top: next to nothing beside a clock, but not beside "
            "a gated one."))
    return rows


def storage(grid):
    macro = grid.run(Table(4, True, "SRAM", 8))
    read, add = price(macro, "read"), price(macro, "compute.fp16.add")
    rows = [ordered(
        "a register-file macro of a few hundred bits against an FP adder", FIGLUT, "dearer",
        f"read {significant(read)} pJ, FP16 add {significant(add)} pJ", read > add,
        "128 bits lie below the smallest macro of the SRAM fit, 2048 bits: the form is extrapolated "
        "to where periphery is all of a macro. Every report on such a table says so, and counts it as "
        "assumed.")]
    bits = {keys: area(grid.run(Table(keys, True, "SRAM", 1)), "table") / (2 ** (keys - 1) * 16)
            for keys in KEYS}
    rows.append(ordered(
        "a 6T cell at 45 nm: floor of SRAM's area a bit", "6T cells at 45 nm", "0.35 um2",
        ", ".join(f"{significant(value)} um2 (mu = {keys})" for keys, value in bits.items()),
        min(bits.values()) > 0.35,
        "Small macros should cost more a bit than this: their periphery is not in the fit."))
    flip_flop = grid.run(Table(8, True, "flip-flop, gated", 1))
    rows.append(compared("area of a flip-flop, a bit", ALADDIN, 6.0,
                         area(flip_flop, "table") / 2048, "um2", MADE_OF_IT))
    rows.append(compared("energy of a flip-flop's write, a bit", ALADDIN, 0.009,
                         price(flip_flop, "write") / 16, "pJ", MADE_OF_IT))
    point = Table(8, True, "flip-flop, gated", 32)
    run = grid.run(point)
    form = 2048 * 6.0 + 32 * 127 * 16 * 1.862 + 2 * 1360.0
    rows.append(compared(
        "area of a table = bits x area a bit + readers x ports + generator: mu = 8, half, 32 readers",
        "the form; ports of 2^(mu-1) - 1 multiplexers a bit", form,
        area(run, "table") + area(run, "ports") + area(run, "generator"), "um2",
        f"{NO_EVIDENCE} the model has this form, and the figure is computed by hand from the rows.", tolerance=0.0001))
    return rows


def best(grid, phase, **fixed_figures):
    points = [Table(readers=readers, **fixed_figures) for readers in READERS]
    return min(points, key=lambda point: cost(grid.run(point), phase))


def choices(grid):
    found = {}
    for square, copies, phase in itertools.product((False, True), (1, 2), ("decode", "prefill")):
        name = (f"{phase}, {'square' if square else f'{ROWS} rows'}, "
                f"{('single', 'double')[copies - 1]}")
        found[name] = best(grid, phase, keys=4, half=True, storage="flip-flop, gated",
                           copies=copies, square=square).readers
    rows = [ordered(
        "readers a table that are best, mu = 4", f"{FIGLUT}, after place and route", "32",
        "; ".join(f"{name}: {readers}" for name, readers in found.items()),
        set(found.values()) == {32},
        "FIGLUT's optimum balances the table's power against the fan-out of one table to all of its "
        "readers. Ours has no wires within a PE. Nor do its tables weigh as much: sharing them "
        "saves less than control and leakage of fewer PEs, which speak for more readers; the "
        "networks speak for fewer: larger PEs lie further apart, and since all readers of a "
        "table work on one token, a narrower array sends keys again for every few tokens.")]
    energies = {}
    for keys in KEYS:
        point = Table(keys, True, "flip-flop, gated", 8)
        energies[keys] = {phase: cost(grid.run(point), phase) for phase in ("decode", "prefill")}
    order = {phase: min(KEYS, key=lambda keys, phase=phase: energies[keys][phase])
             for phase in ("decode", "prefill")}
    lengths = ordered(
        "length of the keys", "ShiftAddLLM and LUT-GEMM: mu = 8; FIGLUT: mu = 4 is better", "8, or 4",
        ", ".join(f"{phase} {keys}" for phase, keys in order.items())
        + " (half table, gated flip-flops, 8 readers, energy x delay)",
        False,
        "The sources contradict each other, and both lengths have their place here: where DRAM binds, "
        "small tables save silicon and leakage; where the array binds, long keys save queries.")
    lengths[VERDICT] = "undecided"
    return [*rows, lengths]


def retention(grid):
    """The table of building energies, and the fact that rests on it."""
    kept = {f"all {OUTPUTS} outputs, {PLANES} planes": OUTPUTS * PLANES,
            f"all {OUTPUTS} outputs, one plane": OUTPUTS,
            f"a tile of 64 outputs, {PLANES} planes": 64 * PLANES,
            "a tile of 64 outputs, one plane": 64}
    rows, shares = [], {}
    for keys, half in itertools.product(KEYS, (True, False)):
        point = Table(keys, half, "flip-flop, gated", 8)
        run = grid.run(point)
        one, read = built(run, point), price(run, "read")
        shares[keys, half] = [one / served / read for served in kept.values()]
        rows.append([f"mu = {keys}, {'half' if half else 'full'}", f"{significant(one)} pJ",
                     f"{significant(read)} pJ", *(percent(100 * each) for each in
                                                  shares[keys, half])])
    heads = ["table", "building one", "a read", *kept]
    text = table(heads, rows)
    longest = shares[8, True]
    fact = ordered(
        "what decides is how long a table is kept", "kept over rows and planes, or rebuilt for tiles",
        "building counts where tables are rebuilt",
        f"building over reading, mu = 8, half: {percent(100 * longest[0])} to "
        f"{percent(100 * longest[-1])}", longest[0] < 0.05 < 0.5 < longest[-1], "See Retention.")
    return text, fact


# --- the page -------------------------------------------------------------------------------------

def grid_table(grid):
    heads = ["table", "one (um2)", "chip (mm2)", "assumed", "decode: readers", "energy", "latency",
             "tables", "prefill: readers", "energy", "latency", "tables"]
    rows = []
    for keys, half, stored in itertools.product(KEYS, (True, False), STORAGES):
        figures = {"keys": keys, "half": half, "storage": stored}
        cells = []
        for phase in ("decode", "prefill"):
            point = best(grid, phase, **figures)
            found = layer(grid.run(point), phase)
            energy = found["tables"]["energy_j"]
            cells += [point.readers, si(found["energy_j"], "J"), si(found["latency_s"], "s"),
                      percent(100 * sum(energy.values()) / found["energy_j"])]
        run = grid.run(Table(readers=8, **figures))
        one = sum(area(run, part) for part in ("table", "ports", "generator"))
        rows.append([Table(readers=8, **figures).words(), fixed(one, 0),
                     significant(run["totals"]["area_mm2"]),
                     percent(100 * run["assumed"]["area_share"]), *cells])
    return table(heads, rows)


def sweep():
    """Designs that differ in readers: for both lengths of keys in use, and for mu = 4 in copies and
    in the shape of the array."""
    return [Table(keys, True, "flip-flop, gated", readers, copies, square)
            for keys, square, copies in ((4, False, 1), (4, False, 2), (4, True, 1), (4, True, 2),
                                         (8, False, 1))
            for readers in READERS]


def readers_table(grid):
    heads = ["table", "readers", "array", "chip (mm2)", "decode: energy", "latency", "prefill: energy",
             "latency", "outputs a build", "tiles a build", "building", "reading", "holding",
             "leakage"]
    rows = []
    for point in sweep():
        run = grid.run(point)
        decode, prefill = layer(run, "decode"), layer(run, "prefill")
        kept, energy = prefill["tables"], prefill["tables"]["energy_j"]
        rows.append([f"mu = {point.keys}{', double' if point.copies == 2 else ''}", point.readers,
                     f"{run['rows']} x {run['columns']}",
                     significant(run["totals"]["area_mm2"]), si(decode["energy_j"], "J"),
                     si(decode["latency_s"], "s"), si(prefill["energy_j"], "J"),
                     si(prefill["latency_s"], "s"), significant(kept["outputs_a_build"]),
                     significant(kept["tiles_a_build"]),
                     si(energy["build_adds"] + energy["build_writes"], "J"),
                     si(energy["read"], "J"), si(energy["hold"], "J"),
                     si(energy["leakage"], "J")])
    return table(heads, rows)


def all_points():
    points = [Table(*each) for each in itertools.product(KEYS, (True, False), STORAGES, READERS)]
    return list(dict.fromkeys(points + sweep()))


def page(addax):
    with tempfile.TemporaryDirectory() as folder:
        grid = Grid(addax, folder)
        grid.run_all(all_points())
        building, kept = retention(grid)
        facts = [*counts(grid), *powers(grid), *storage(grid), *choices(grid), kept]
        heads = ["fact", "source", "published", "ours", "deviation", "tolerance", "verdict", "remark"]
        done = sum(row[VERDICT] == "reproduced" for row in facts)
        circular = sum(row[VERDICT] == "reproduced" and NO_EVIDENCE in row[-1] for row in facts)
        return "\n".join([
            "# Tables as hardware\n",
            "Published facts about look-up tables beside what the cost table `physical-45nm` gives, "
            "untuned. Deviations are ours minus theirs, over theirs. The tolerance is "
            f"{TOLERANCE_PERCENT:g} % for energies, powers and areas; counts have none, and an order "
            "holds or does not.\n",
            f"{done} of {len(facts)} are reproduced, {circular} of them without being evidence: rows "
            "or the form of the model were made from the figure itself. "
            "Figures of 28 nm are compared as ratios only.\n",
            "## Facts\n", table(heads, facts, len(heads)),
            "## Retention\n",
            "Energy of building a table (tree adds, and writing its entries) over that of the queries "
            "that one build serves, in flip-flops:\n", building,
            "A table of long keys must serve hundreds of queries before it is cheaper to have it than "
            "to build it. What a layer's tables really serve stands in each run's report.\n",
            "## One layer of OPT-6.7B\n",
            f"Query projection, 4096 x 4096 weights of {PLANES} planes in blocks with power-of-two "
            "scales: one token (decode) and 512 (prefill). Arrays of "
            f"{ROWS} rows that differ in their tables alone: tables x readers = {ACCUMULATORS}, so that "
            f"all make as many queries a cycle; units and scratchpads as in `{BASE}`, in proportion. One copy, two generator "
            "adders, one write port. Energy and silicon are those of the whole chip and DRAM; `tables` is "
            "the share of building, reading, holding and leakage of the tables. Mappings are chosen "
            "for energy x delay, and so are the readers.\n",
            "Silicon is that of tables with 8 readers. What is assumed of it holds control and "
            "vector unit in every design; SRAM below 2048 bits comes on top.\n",
            grid_table(grid),
            "## Readers\n",
            f"Half tables of gated flip-flops. Arrays of {ROWS} rows, and for mu = 4 also as square as "
            "powers of two allow. From `outputs a build` on, figures are those of the "
            "prefill. With 1 tile a build a table is rebuilt for every tile of outputs; below 1 more "
            "than one PE builds it, or one PE more than once, for one tile.\n",
            readers_table(grid)])
