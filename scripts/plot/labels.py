# SPDX-License-Identifier: Apache-2.0
"""Names, units and ticks of the columns of a results file."""
import math
import re
import textwrap

from common import ticker

# Column: what it is, and its unit.
OUTPUTS = {
    "energy_j": ("Energy", "J"),
    "energy_low_j": ("Energy, lower bound", "J"),
    "energy_high_j": ("Energy, upper bound", "J"),
    "latency_s": ("Latency", "s"),
    "area_mm2": ("Area", "mm$^2$"),
    "edp_js": ("Energy-delay product", "J s"),
    "energy_area_j_mm2": ("Energy x area", "J mm$^2$"),
    "power_w": ("Power", "W"),
    "cycles": ("Cycles", ""),
    "macs": ("MACs", ""),
    "dram_bits": ("DRAM traffic", "bit"),
    "dram_bits_per_s": ("DRAM bandwidth", "bit/s"),
    "clock_hz": ("Clock", "Hz"),
    "rows": ("PE rows", ""),
    "columns": ("PE columns", ""),
    "pes": ("PEs", ""),
    "seconds": ("CPU time of the simulation", "s"),
    "tables_built": ("Tables built", ""),
    "tables_distinct": ("Tables that differ", ""),
    "table_queries": ("Table queries", ""),
}
INPUTS = {
    "arch": ("Architecture", ""),
    "tech": ("Cost table", ""),
    "trace": ("Trace", ""),
    "arch.rows": ("PE rows", ""),
    "arch.clock_hz": ("Clock", "Hz"),
    "arch.buffer.bank_bytes": ("Buffer bank size", "B"),
    "arch.dram.peak_bandwidth_bits_per_s": ("DRAM bandwidth", "bit/s"),
    "trace.context": ("Context", "tokens"),
    "trace.weights": ("Weights", ""),
    "trace.bits": ("Weight bits", ""),
    "trace.kv_bits": ("KV cache", "bit"),
    "trace.activation_bits": ("Activations", "bit"),
    "trace.accumulator_bits": ("Accumulators", "bit"),
    "run.equal": ("Baselines of equal", ""),
}
# Inputs whose values say what they are.
SPEAKING = {"arch", "tech", "trace", "trace.model", "trace.phase", "trace.weights"}
# End of a key: its unit.
SUFFIXES = {"bits_per_s": "bit/s", "bits_per_cycle": "bit/cycle", "hz": "Hz", "bytes": "B",
            "bits": "bit", "cycles": "cycles", "ns": "ns", "s": "s", "w": "W", "pj": "pJ", "j": "J",
            "mm2": "mm$^2$", "um2": "µm$^2$", "tokens": "tokens"}
BASELINES = {"fp16": "FP16", "same_bits": "same bits"}
COMPONENTS = {"dram": "DRAM", "lut": "look-up tables", "vector_unit": "vector unit"}
ABBREVIATIONS = {"lut", "pe", "pes", "dram", "sram", "kv", "id"}
PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T",
            15: "P", 18: "E"}
SCALED = {"J", "s", "Hz", "W", "J s", "J mm$^2$", "bit", "bit/s"}
TITLE_LETTERS = 58  # that fit into a column


def plain(text):
    """Text of a file as it is: a dollar would begin mathematics."""
    return str(text).replace("$", r"\$")


def name_and_unit(key):
    for known in (INPUTS, OUTPUTS):
        if key in known:
            return known[key]
    for prefix, baseline in BASELINES.items():
        if key.startswith(prefix + "_"):
            name, unit = name_and_unit(key[len(prefix) + 1:])
            return f"{name} of {baseline}", unit
    parts = [re.sub(r"\[(\d+)\]$", r" \1", part) for part in key.split(".")]
    parts = [part for part in parts if part != "groups"]
    end, unit = parts[-1], ""
    for suffix, found in SUFFIXES.items():
        if end.endswith("_" + suffix):
            end, unit = end[:-len(suffix) - 1], found
            break
    # `arch.buffer.banks`: the word before the last says of what; that of the file does not.
    before = parts[-2] if len(parts) > 2 else ""
    words = f"{before} {end}".replace("_", " ").split()
    words = [word.upper() if word in ABBREVIATIONS else word for word in words]
    name = " ".join(words)
    return name[0].upper() + name[1:], unit


def name_of(key):
    return plain(name_and_unit(key)[0])


def within(name):
    """A name inside a sentence: abbreviations keep their capitals."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def names_of(keys):
    """Names of inputs; the keys themselves where two would have the same."""
    names = [name_of(key) for key in keys]
    return [plain(key) if names.count(name) > 1 else name for key, name in zip(keys, names)]


def is_wide(values):
    """Whether an axis of them is logarithmic: more than a decade, nothing at or below 0."""
    return min(values) > 0 and max(values) > 10 * min(values)


def digits(value, count=3):
    """A number for people: no exponent from a thousandth to 100 000."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        text = f"{value:.{count}g}"
        return f"{value:.0f}" if "e" in text else text
    mantissa, exponent = f"{value:.{count - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return rf"{mantissa}$\times$10$^{{{int(exponent)}}}$"


class Scale:
    """The unit in which values of a column are shown: `label`, and value / `factor` is what is drawn.
    The prefix is such that a linear axis ends, and a logarithmic one has its middle, between 1 and
    1000."""

    def __init__(self, key, values):
        self.name, self.unit = name_and_unit(key)
        self.factor, prefix = 1.0, ""
        values = [abs(value) for value in values if value]
        small = self.unit == "bit" and max(values, default=0) < 1e6  # widths, not traffic
        if values and self.unit in SCALED and not small:
            typical = max(values)
            if is_wide(values):
                typical = math.exp(math.fsum(map(math.log, values)) / len(values))
            exponent = 3 * math.floor(math.log10(typical) / 3 + 1e-9)
            exponent = max(min(PREFIXES), min(max(PREFIXES), exponent))
            self.factor, prefix = 10.0 ** exponent, PREFIXES[exponent]
        elif values and self.unit == "B" and all(value % 1024 == 0 for value in values):
            self.factor, prefix = 1024.0, "Ki"
        elif values and not self.unit and max(values) >= 1e5:
            exponent = 3 * math.floor(math.log10(max(values)) / 3 + 1e-9)
            self.factor, self.unit = 10.0 ** exponent, f"10$^{{{exponent}}}$"
        self.unit = prefix + self.unit

    @property
    def label(self):
        return plain(self.name) + (f" ({self.unit})" if self.unit else "")

    def of(self, values):
        return [value / self.factor for value in values]


# Between the parts of a trace's name: no model's size or version, as in opt-1.3b, is broken.
DOT = re.compile(r"\.(?=[A-Za-z])")


def broken(text, letters):
    """A text in lines of at most so many letters, broken after slashes, commas and dots, else
    anywhere."""
    lines = [""]
    for word in re.split(r"(?<=[/,] )|(?<=\.)(?=[A-Za-z])", text):
        if lines[-1] and len((lines[-1] + word).rstrip()) > letters:
            lines.append("")
        lines[-1] += word
        while len(lines[-1].rstrip()) > letters:
            lines[-1:] = [lines[-1][:letters], lines[-1][letters:]]
    return "\n".join(line.rstrip() for line in lines)


def in_common(names):
    """How many parts between dots all names begin and end with, one of each at least left."""
    parts = [DOT.split(name) for name in names]
    shortest = min(map(len, parts)) - 1
    first = 0
    while first < shortest and len({part[first] for part in parts}) == 1:
        first += 1
    last = 0
    while first + last < shortest and len({part[-1 - last] for part in parts}) == 1:
        last += 1
    return first, last


class Input:
    """An input as a figure shows it: `label` and the text of each of its values. Of words with more than
    `letters` the parts between dots that all of them share stand in the label."""

    def __init__(self, key, values, letters=32):
        numbers = [value for value in values if isinstance(value, (int, float))]
        name, unit = name_and_unit(key)
        scale = Scale(key, numbers) if unit else None
        self.factor = scale.factor if scale else 1.0
        self.label = scale.label if scale else plain(name)
        self.nothing = "any" if key == "run.dataflow" else "none"
        self.powers = bool(numbers) and self.factor == 1.0 and max(numbers) >= 2 ** 14 and all(
            value > 0 and math.log2(value).is_integer() for value in numbers)
        names = [self.word(value) for value in dict.fromkeys(values) if isinstance(value, str)]
        self.cut = (0, 0)
        if len(names) > 1 and max(map(len, names)) > letters:
            self.cut = in_common(names)
            parts = DOT.split(names[0])
            first, last = parts[:self.cut[0]], parts[len(parts) - self.cut[1]:]
            if first or last:
                self.label += " " + plain(".".join(first + ["*"] + last))

    @staticmethod
    def word(value):
        """Of a file its name."""
        if value.endswith((".yaml", ".yml", ".json")):
            return value.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        return value

    def text(self, value):
        if value is None:
            return self.nothing
        if isinstance(value, (int, float)):
            if self.powers:
                return f"2$^{{{int(math.log2(value))}}}$"
            return f"{value / self.factor:.6g}"
        parts = DOT.split(self.word(value))
        return plain(".".join(parts[self.cut[0]:len(parts) - self.cut[1]]))


class Bars:
    """Names of bars that stand for a point each: the texts of its inputs in lines of at most so many
    letters, and in `heading` what these are."""

    def __init__(self, keys, rows, letters):
        inputs = [Input(key, [row[key] for row in rows], letters // max(1, len(keys)))
                  for key in keys]
        self.heading = " / ".join(name + input_.label[len(name_of(key)):] for key, name, input_ in
                                  zip(keys, names_of(keys), inputs))
        self.texts = [broken(" / ".join(input_.text(row[key]) for key, input_ in zip(keys, inputs)),
                             letters) for row in rows]


def width_of(text):
    """How many letters a text shows; those of mathematics are commands."""
    return len(re.sub(r"[$^{}\\]", "", text))


def lines_in(texts):
    """The most lines that one of them has."""
    return max(text.count("\n") + 1 for text in texts)


def unit_in(label):
    """" (mJ)" of "Energy (mJ)"."""
    return label[label.rindex(" ("):] if label.endswith(")") else ""


def point_text(row, keys):
    """A point in words: what its inputs are."""
    texts = []
    for key, name in zip(keys, names_of(keys)):
        input_ = Input(key, [row[key]])
        text = " ".join(filter(None, [input_.text(row[key]), unit_in(input_.label).strip(" ()")]))
        texts.append(text if key in SPEAKING else f"{name} {text}")
    return ", ".join(texts)


def work_text(row, keys):
    """What a point computes, in words, by the columns that tell works apart."""
    texts = [point_text(row, [key for key in keys if key != "macs"])]
    return ", ".join(filter(None, texts + [f"{digits(row[key])} MACs" for key in keys
                                           if key == "macs"]))


def fixed_text(results, rows, all_rows):
    """What a filter has made equal in all points that are shown."""
    keys = [key for key in results.axes
            if len({row[key] for row in all_rows}) > 1 and len({row[key] for row in rows}) == 1]
    return point_text(rows[0], keys)


def put_title(figure, *lines):
    """Lines on top of a figure, broken where they are too long, at most two for each."""
    out = []
    for line in filter(None, lines):
        out += textwrap.wrap(line, TITLE_LETTERS, max_lines=2, break_on_hyphens=False,
                             placeholder=" \N{HORIZONTAL ELLIPSIS}")
    figure.suptitle("\n".join(out), fontsize=7)


def set_scale(axis, values, wide=None, bins=6):
    """Ticks for drawn values on an axis of a panel (`axes.xaxis`); logarithmic if `wide`, by itself
    where they span more than a decade."""
    which = {"x": axis.axes.set_xscale, "y": axis.axes.set_yscale}[axis.axis_name]
    if not (is_wide(values) if wide is None else wide):
        axis.set_major_locator(ticker.MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10]))
        return
    which("log")
    decades = math.log10(max(values) / min(values))
    if decades > 3.5:
        axis.set_major_locator(ticker.LogLocator(numticks=7))
        axis.set_minor_formatter(ticker.NullFormatter())
        return
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if decades < 2.2 else (1,)))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(ticker.LogLocator(subs=range(2, 10)))
    axis.set_minor_formatter(ticker.NullFormatter())
