# SPDX-License-Identifier: Apache-2.0
"""Makes results files of sweeps (docs/formats/results.md) from what `addax run --json` gives, for tests of
the plots."""
import hashlib
import itertools
import json
import pathlib
import sqlite3
import subprocess
import tempfile

OUTPUTS = ["rows", "columns", "pes", "clock_hz", "dram_bits_per_s", "cycles", "latency_s", "macs",
           "dram_bits", "energy_j", "energy_low_j", "energy_high_j", "area_mm2", "edp_js",
           "energy_area_j_mm2", "power_w", "tables_built", "tables_distinct", "table_queries"]
BASELINE = ["latency_s", "energy_j", "area_mm2", "columns"]
BASELINES = ["fp16", "same_bits"]
LAYER = ["name", "phase", "block", "kind", "format", "fidelity", "repeat", "macs", "cycles",
         "latency_s", "energy_j", "dram_read_bits", "dram_write_bits", "bound_by", "mapping"]
BUSY = {"dram": "dram_cycles", "buffer": "buffer_cycles", "network": "network_cycles",
        "compute": "compute_cycles", "vector_unit": "vector_cycles"}


class Failed(Exception):
    """A point's run ended with a message."""


class Runner:
    """Runs points, each a map of keys to values. What differs only in order of keys runs once."""

    def __init__(self, addax):
        self.addax = addax
        self.done = {}

    def result(self, point):
        key = json.dumps(point, sort_keys=True)
        if key not in self.done:
            self.done[key] = self.run(point)
        return self.done[key]

    def run(self, point):
        """The result, or the message of one that failed."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                return json.loads(self.call(
                    "run", "--arch", self.architecture(point, folder), "--trace", trace_of(point),
                    "--fidelity", point.get("run.fidelity", "analytic"), "--baseline",
                    point.get("run.baseline", "none"), "--equal", point.get("run.equal", "area"),
                    "--quiet", "--json", "-"))
        except Failed as failure:
            return str(failure)

    def call(self, *words):
        done = subprocess.run([self.addax, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        return done.stdout

    def architecture(self, point, folder):
        """The shipped architecture, or a file of it with the point's changes."""
        changes = {key: value for key, value in point.items() if key.startswith("arch.")}
        if not changes:
            return point["arch"]
        base = self.result({"arch": point["arch"], "trace": "opt-125m.decode.fp16"})
        architecture = json.loads(json.dumps(base["provenance"]["configuration"]["architecture"]))
        for key, value in changes.items():
            *path, last = key.split(".")[1:]
            here = architecture
            for word in path:
                here = (next(each for each in here if each["name"] == word)
                        if isinstance(here, list) else here[word])
            here[last] = value
        path = pathlib.Path(folder) / "architecture.yaml"
        path.write_text(json.dumps(architecture))  # JSON is YAML
        return str(path)


def trace_of(point):
    """MODEL.PHASE.FORMAT."""
    if "trace" in point:
        return point["trace"]
    phase = point["trace.phase"]
    context = f"-{point['trace.context']}" if "trace.context" in point else ""
    return f"{point['trace.model']}.{phase}{context}.{point['trace.weights']}"


def points_of(base, axes):
    """The product of the axes. An axis is (key, values), or a list of several that change together."""
    linked = [axis if isinstance(axis, list) else [axis] for axis in axes]
    for places in itertools.product(*(range(len(axis[0][1])) for axis in linked)):
        point = dict(base)
        for axis, place in zip(linked, places):
            point.update({key: values[place] for key, values in axis})
        yield point


def outputs_of(result):
    totals, low_high = result["totals"], result["intervals"]["energy_j"]["total"]
    architecture = result["provenance"]["configuration"]["architecture"]
    tables = [layer["tables"] for layer in result["layers"] if "tables" in layer]
    row = {key: totals[key] for key in ("cycles", "latency_s", "macs", "dram_bits", "energy_j",
                                        "area_mm2")}
    row.update({
        "rows": result["rows"], "columns": result["columns"],
        "pes": result["rows"] * result["columns"], "clock_hz": architecture["clock_hz"],
        "dram_bits_per_s": architecture["dram"]["peak_bandwidth_bits_per_s"],
        "energy_low_j": low_high[0], "energy_high_j": low_high[1],
        "edp_js": totals["energy_j"] * totals["latency_s"],
        "energy_area_j_mm2": totals["energy_j"] * totals["area_mm2"],
        "power_w": totals["energy_j"] / totals["latency_s"]})
    for column, key in (("tables_built", "built"), ("tables_distinct", "distinct"),
                        ("table_queries", "queries")):
        row[column] = sum(each[key] for each in tables) if tables else None
    for name in BASELINES:
        baseline = result["baselines"].get(name)
        for column in BASELINE:
            row[f"{name}_{column}"] = baseline and (
                baseline["columns"] if column == "columns" else baseline["totals"][column])
    return row


def parts_of(result):
    """Component: energy in J and area in mm2, None where it has none of its own."""
    parts = {name: [energy, None] for name, energy in result["energy_j"]["by_component"].items()}
    for part in result["area"]:
        parts.setdefault(part["component"], [None, None])[1] = part["area_mm2"]
    return parts


def insert(database, table, row):
    names = ", ".join(f'"{name}"' for name in row)
    database.execute(f"insert into {table} ({names}) values ({', '.join('?' * len(row))})",
                     list(row.values()))


def create(database, inputs, baselines):
    outputs = OUTPUTS + [f"{name}_{column}" for name in baselines for column in BASELINE]
    names = ", ".join(f'"{name}"' for name in inputs + outputs)
    layers = ", ".join(LAYER + list(BUSY.values()))
    database.executescript(f"""
        create table sweep (key text primary key, value);
        create table points (id integer primary key, number integer, key text, content text,
          status text, message text, seconds real, version text, "commit" text, arch_sha256 text,
          trace_sha256 text, tech_sha256 text, {names});
        create table layers (point integer, number integer, {layers}, primary key (point, number));
        create table components (point integer, component text, energy_j real, area_mm2 real,
          primary key (point, component));""")


def insert_point(database, number, point, result, baselines):
    row = {"id": number + 1, "number": number, "seconds": 0.1, **point,
           "key": hashlib.sha256(json.dumps(point, sort_keys=True).encode()).hexdigest()}
    if isinstance(result, str):
        insert(database, "points", {**row, "status": "failed", "message": result})
        return
    outputs = outputs_of(result)
    for name in set(BASELINES) - set(baselines):
        outputs = {key: value for key, value in outputs.items() if not key.startswith(name + "_")}
    provenance = result["provenance"]
    insert(database, "points", {
        **row, "status": "done", "version": provenance["version"], "commit": provenance["commit"],
        "arch_sha256": provenance["architecture_sha256"],
        "trace_sha256": provenance["trace_sha256"],
        "tech_sha256": provenance["cost_table_sha256"], **outputs})
    for i, layer in enumerate(result["layers"]):
        insert(database, "layers", {
            "point": number + 1, "number": i, **{key: layer[key] for key in LAYER},
            **{column: layer["busy_cycles"][key] for key, column in BUSY.items()}})
    for component, (energy, area) in parts_of(result).items():
        insert(database, "components", {"point": number + 1, "component": component,
                                        "energy_j": energy, "area_mm2": area})


def make(runner, path, name, base, axes):
    """A results file of the product of some axes, from `base`."""
    points = list(points_of(base, axes))
    inputs = list(points[0])
    words = {point.get("run.baseline", "none") for point in points}
    baselines = [baseline for baseline in BASELINES
                 if words & {"both", baseline.replace("_", "-")}]
    with sqlite3.connect(path) as database:
        create(database, inputs, baselines)
        varying = [key for key in inputs if len({point[key] for point in points}) > 1]
        for key, value in (("format", "addax.results/1"), ("name", name), ("description", ""),
                           ("file", ""), ("points", len(points)), ("inputs", json.dumps(inputs)),
                           ("axes", json.dumps(varying))):
            insert(database, "sweep", {"key": key, "value": value})
        for number, point in enumerate(points):
            insert_point(database, number, point, runner.result(point), baselines)
    database.close()
    return path
