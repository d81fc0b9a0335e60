#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps that are stopped, killed, changed and read meanwhile. Usage: sweep_test.py ADDAX [unittest's arguments]"""
import contextlib
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HOME = pathlib.Path(__file__).resolve().parents[2]
ADDAX = ""
PATIENCE_S = 60

# 48 points of some 20 ms, which share few layers.
SWEEP = """addax: sweep/1
name: kills
base:
  arch: {arch}
  tech: {tech}
  trace: {{model: opt-125m, phase: decode, weights: shiftadd-3bit}}
  run: {{fidelity: analytic}}
axes:
  - {{key: arch.rows, values: [4, 6, 8, 0]}}
  - {{key: arch.groups.lut.columns, values: [4, 6, 8, 10]}}
  - {{key: arch.buffer.banks, values: [24, 32, 48]}}
"""


def alive(process):
    """Whether there is such a process that is no zombie."""
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def children(process):
    try:
        return [int(child) for child in
                pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE_S} s for {what}")
        time.sleep(0.001)


class SweepTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.write("kills.yaml", SWEEP.format(arch="eyeriss_shiftadd", tech="physical-45nm"))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def command(self, out, *more, file=None):
        return [ADDAX, "sweep", str(file or self.file), "--out", str(out), *map(str, more)]

    def run_sweep(self, out, *more, file=None, status=0):
        done = subprocess.run(self.command(out, *more, file=file), capture_output=True, text=True,
                              check=False, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def start(self, out, *more):
        """A sweep in a group of processes of its own."""
        process = subprocess.Popen(self.command(out, *more), start_new_session=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def exported(self, results):
        return [subprocess.run([ADDAX, "sweep", "export", results, kind, "-"], check=True,
                               capture_output=True).stdout for kind in ("--csv", "--json")]

    @staticmethod
    def rows(results):
        """What is committed, by key: id, number, content, status, seconds."""
        with contextlib.closing(sqlite3.connect(results, timeout=10)) as database:
            return {row[0]: row[1:] for row in database.execute(
                "select key, id, number, content, status, seconds from points")}

    def committed(self, results):
        return len(self.rows(results)) if results.exists() else 0

    def intact(self, results):
        with contextlib.closing(sqlite3.connect(results)) as database:
            return database.execute("pragma integrity_check").fetchall() == [("ok",)]


class SameBytes(SweepTest):
    def test_jobs(self):
        """CSV and JSON are the same bytes, however many workers there are."""
        exports = []
        for jobs in (1, 2, 5):
            results = self.folder / f"{jobs}.sqlite"
            self.run_sweep(results, "-j", jobs)
            exports.append(self.exported(results))
        self.assertEqual(exports[0], exports[1])
        self.assertEqual(exports[0], exports[2])
        self.assertEqual(exports[0][0].count(b"\n"), 49)
        self.assertEqual(exports[0][0].count(b",done,"), 36)
        self.assertEqual(exports[0][0].count(b",failed,"), 12)


class Kills(SweepTest):
    KILLS = 20

    def check_kept(self, before, after):
        """Nothing that was committed ran again."""
        self.assertLessEqual(before.keys(), after.keys())
        for key, row in before.items():
            if row[3] != "crashed":
                self.assertEqual(row, after[key])

    def test_parent(self):
        """kill -9 of the sweep at random moments: the same bytes, nothing twice, no worker left."""
        seed = random.randrange(2 ** 32)
        print("seed", seed)
        moments = random.Random(seed)
        undisturbed = self.folder / "undisturbed.sqlite"
        begin = time.monotonic()
        self.run_sweep(undisturbed, "-j", 2)
        whole = time.monotonic() - begin
        results = self.folder / "killed.sqlite"
        before, kills, cut = {}, 0, 0
        while kills < self.KILLS:
            process = self.start(results, "-j", 2, *(["--resume"] if results.exists() else []))
            # Moments are spread over starts, first points and commits; a few starts finish nothing.
            time.sleep(moments.uniform(0.0, whole / 8))
            workers = children(process.pid)
            self.end(process)
            wait_until(lambda: not any(map(alive, workers)), "the workers of a killed sweep to end")
            if process.returncode != -signal.SIGKILL:
                self.assertEqual(process.returncode, 0)
                results.unlink()  # all is done: from the beginning, for more kills
                before = {}
                continue
            kills += 1
            if not results.exists():
                continue
            after = self.rows(results)
            self.check_kept(before, after)
            self.assertTrue(self.intact(results))
            cut += 0 < len(after) < 48
            before = after
        self.assertGreater(cut, 3, "kills came too early or too late to cut a sweep")
        self.run_sweep(results, "-j", 2, *(["--resume"] if results.exists() else []))
        self.check_kept(before, self.rows(results))
        self.assertEqual(self.exported(results), self.exported(undisturbed))
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.endswith(("-wal", "-shm", ".new"))], [])

    def test_worker(self):
        """A worker that is killed costs its point, which --resume does."""
        undisturbed = self.folder / "undisturbed.sqlite"
        self.run_sweep(undisturbed, "-j", 2)
        results = self.folder / "killed.sqlite"
        process = self.start(results, "-j", 2)
        wait_until(lambda: self.committed(results) > 2, "the first points")
        os.kill(children(process.pid)[0], signal.SIGKILL)
        process.wait(PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        rows = self.rows(results)
        crashed = [key for key, row in rows.items() if row[3] == "crashed"]
        self.assertEqual((len(rows), len(crashed)), (48, 1))
        with contextlib.closing(sqlite3.connect(results)) as database:
            message = database.execute("select message from points where status = 'crashed'").fetchone()
        self.assertEqual(message, ("its process was ended by a signal (Killed)",))
        out = self.run_sweep(results, "--resume")
        self.assertIn(": 1 points done, 47 were there", out)
        self.check_kept(rows, self.rows(results))
        self.assertEqual(self.exported(results), self.exported(undisturbed))


class Interrupts(SweepTest):
    def check_stopped(self, number, status):
        results = self.folder / f"{status}.sqlite"
        process = self.start(results, "-j", 2)
        wait_until(lambda: self.committed(results) > 2, "the first points")
        workers = children(process.pid)
        self.assertEqual(len(workers), 2)
        begin = time.monotonic()
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(process.returncode, status, err)
        self.assertRegex(out, r"^.*: \d+ points done, .*\d+ left: --resume goes on\n$")
        self.assertFalse(any(map(alive, workers)))
        rows = self.rows(results)
        self.assertTrue(self.intact(results))
        self.assertTrue(2 < len(rows) < 48)
        self.assertNotIn("crashed", [row[3] for row in rows.values()])
        self.assertFalse(pathlib.Path(f"{results}-wal").exists())
        self.run_sweep(results, "--resume")
        after = self.rows(results)
        self.assertEqual(len(after), 48)
        self.assertEqual({key: after[key] for key in rows}, rows)

    def test_keys(self):
        """Ctrl-C to the group of processes ends within seconds with what is done; --resume ends it."""
        self.check_stopped(signal.SIGINT, 130)

    def test_twice(self):
        """timeout(1) signals the sweep and then its group: that is one signal. A second later it is another."""
        for round_ in range(4):
            results = self.folder / f"{round_}.sqlite"
            process = self.start(results, "-j", 2)
            wait_until(lambda: self.committed(results) > 2, "the first points")
            os.kill(process.pid, signal.SIGINT)
            # A signal that waits is not added to: the second comes when the first is taken.
            time.sleep(0.002 * round_)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_S)
            self.assertEqual(process.returncode, 130, err)
            self.assertIn("left: --resume goes on", out)
            self.assertEqual(list(self.folder.glob(f"{round_}.sqlite-*")), [])
            self.assertFalse(pathlib.Path(f"{results}.lock").exists())

    def test_later(self):
        """A second signal after half a second ends what does not end by itself."""
        results = self.folder / "r.sqlite"
        process = self.start(results, "-j", 1)
        wait_until(lambda: self.committed(results) > 2, "the first points")
        worker = children(process.pid)[0]
        os.kill(worker, signal.SIGSTOP)
        for _ in range(2):
            os.kill(process.pid, signal.SIGTERM)
            time.sleep(0.02)
            self.assertIsNone(process.poll())
        time.sleep(0.6)
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        wait_until(lambda: not alive(worker), "the worker to end")

    def test_term(self):
        """So does the end of a batch job, and of a terminal."""
        self.check_stopped(signal.SIGTERM, 143)
        self.check_stopped(signal.SIGHUP, 129)


class Progress(SweepTest):
    def shown(self, name):
        """The first best point that a terminal is told while a sweep runs."""
        terminal, stream = os.openpty()
        process = subprocess.Popen(self.command(self.folder / name, "-j", 1), stderr=stream,
                                   stdout=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        os.close(stream)
        text, found = "", None
        with contextlib.suppress(OSError):  # the end of a terminal
            while found is None and (part := os.read(terminal, 1 << 16)):
                text += part.decode()
                found = re.search(r"least ([a-z ]+) [0-9.e-]+ ([Js ]+)\b", text)
        self.end(process)
        os.close(terminal)
        self.assertIsNotNone(found, text)
        return found.groups()

    def test_best(self):
        """The best so far is the best in the sweep's objective, which is named; where it varies, in their product."""
        text = self.file.read_text()
        for objective, expected in (("", ("energy x delay", "J s")), (", objective: latency", ("latency", "s")),
                                    (", objective: energy", ("energy", "J"))):
            self.file.write_text(text.replace("analytic", "analytic" + objective))
            self.assertEqual(self.shown("r" + objective), expected)
        self.file.write_text(text + "  - {key: run.objective, values: [latency, energy]}\n")
        self.assertEqual(self.shown("both"), ("energy x delay", "J s"))


class Changes(SweepTest):
    def setUp(self):
        super().setUp()
        arch = (HOME / "configs/arch/eyeriss_shiftadd.yaml").read_text()
        self.one, self.two = self.write("one.yaml", arch), self.write("two.yaml", arch)
        self.tech = self.write("tech.yaml", (HOME / "configs/tech/physical-45nm.yaml").read_text())
        self.flow = self.write("flow.yaml", "addax: dataflow/1\nname: flow\nlevels: {resident: {innermost: [k]}}\n")
        self.traces = []
        for name in ("a", "b"):
            path = self.folder / f"{name}.trace.yaml"
            subprocess.run([ADDAX, "trace", "make", "--model", "opt-125m", "--phase", "decode-64",
                            "--weights", "shiftadd-3bit", "-o", path], check=True, capture_output=True)
            self.traces.append(path)
        self.file = self.write("changes.yaml", f"""addax: sweep/1
name: changes
base: {{arch: x, trace: x, run: {{fidelity: analytic}}}}
axes:
  - {{key: arch, values: [{self.one}, {self.two}]}}
  - {{key: trace, values: [{self.traces[0]}, {self.traces[1]}]}}
  - {{key: tech, values: [physical-45nm, {self.tech}]}}
  - {{key: run.dataflow, values: [null, {self.flow}]}}
""")

    def again(self, results, expected):
        """Resumes; which points ran again, as conditions over a row."""
        before = self.rows(results)
        self.run_sweep(results, "--resume")
        after = self.rows(results)
        self.assertEqual(before.keys(), after.keys())
        ran = {key for key in after if after[key] != before[key]}
        with contextlib.closing(sqlite3.connect(results)) as database:
            wanted = {key for (key,) in database.execute(f"select key from points where {expected}")}
            self.assertEqual(database.execute("select count(*) from points where status <> 'done'").fetchone(),
                             (0,))
        self.assertEqual(ran, wanted)
        return len(ran)

    def test_files(self):
        """What has changed runs again, and nothing else."""
        results = self.folder / "changes.sqlite"
        self.run_sweep(results)
        self.assertEqual(self.again(results, "0"), 0)
        for path in (self.one, self.traces[1], self.tech, self.flow):
            before = path.read_text()
            path.write_text(before + "# changed\n")
            column = {"one.yaml": "arch", "b.trace.yaml": "trace", "tech.yaml": "tech",
                      "flow.yaml": "run.dataflow"}[path.name]
            self.assertEqual(self.again(results, f"\"{column}\" = '{path}'"), 8)
            self.assertEqual(self.again(results, "0"), 0)
        # Back to what it was: content counts, not time.
        os.utime(self.two)
        self.assertEqual(self.again(results, "0"), 0)

    def test_baselines(self):
        """The architectures that baselines are made of count where there are baselines."""
        home = self.folder / "home"
        for part in ("configs", "traces"):
            (home / part).parent.mkdir(exist_ok=True)
            subprocess.run(["cp", "-r", HOME / part, home / part], check=True)
        self.file = self.write("b.yaml", """addax: sweep/1
name: b
base: {arch: eyeriss_shiftadd, trace: micro-linear}
axes: {key: run.baseline, values: [none, both, fp16]}
""")
        os.environ["ADDAX_HOME"] = str(home)
        self.addCleanup(os.environ.pop, "ADDAX_HOME")
        results = self.folder / "b.sqlite"
        self.run_sweep(results)
        with open(home / "configs/arch/eyeriss_fp16.yaml", "a") as file:
            file.write("# changed\n")
        self.assertEqual(self.again(results, "\"run.baseline\" <> 'none'"), 2)

    def test_addax(self):
        """Other sources make other points: all run again, and parts of both do not merge."""
        version = subprocess.run([ADDAX, "--version"], check=True, capture_output=True).stdout
        sources = version.split()[-1]
        self.assertEqual(len(sources), 64)
        # What a build of other sources is to the command: the same, with another hash.
        other = self.folder / "addax"
        other.write_bytes(pathlib.Path(ADDAX).read_bytes().replace(sources, b"0" * 64))
        other.chmod(0o755)
        environment = {**os.environ, "ADDAX_HOME": str(HOME)}
        parts = [self.folder / name for name in ("1.sqlite", "2.sqlite")]
        self.run_sweep(parts[0], "--shard", "1/2")
        subprocess.run([other, *self.command(parts[1], "--shard", "2/2")[1:]], check=True, capture_output=True,
                       env=environment)
        merged = subprocess.run([ADDAX, "sweep", "merge", self.folder / "all.sqlite", *parts], capture_output=True,
                                text=True, check=False)
        self.assertEqual(merged.returncode, 2)
        self.assertRegex(merged.stderr, r"found results of Addax \S+, \S+, sources 0{12}; allowed: those of ")
        before = self.rows(parts[0])
        again = subprocess.run([other, *self.command(parts[0], "--shard", "1/2", "--resume")[1:]], check=True,
                               capture_output=True, text=True, env=environment)
        self.assertIn(f": {len(before)} points done\n", again.stdout)

    def test_missing(self):
        """A file that was not there makes points fail, and run again when it is."""
        results = self.folder / "changes.sqlite"
        text = self.two.read_text()
        self.two.unlink()
        self.run_sweep(results)
        self.assertEqual(sorted(row[3] for row in self.rows(results).values()), ["done"] * 8 + ["failed"] * 8)
        self.two.write_text(text)
        self.assertEqual(self.again(results, f"arch = '{self.two}'"), 8)


class Meanwhile(SweepTest):
    """Files that change while a sweep runs: no row is of others than its content says."""

    def sweep_of(self, base, axes):
        self.file = self.write("meanwhile.yaml", "addax: sweep/1\nname: meanwhile\nbase: {" + base + "}\naxes:\n" +
                               "".join(f"  - {{key: {key}, {values}}}\n" for key, values in axes))
        self.undisturbed = self.folder / "undisturbed.sqlite"
        self.run_sweep(self.undisturbed)

    def change(self, path, text):
        """What is in the results after a file was another from the third point on, to the end."""
        results = self.folder / "changed.sqlite"
        before = path.read_bytes()
        process = self.start(results, "-j", 2)
        wait_until(lambda: self.committed(results) > 2, "the first points")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.assertIsNone(process.poll(), "the sweep was over before the file changed")
        err = process.communicate(timeout=PATIENCE_S)[1]
        self.assertEqual(process.returncode, 0, err)
        self.assertNotEqual(path.read_bytes(), before)
        path.write_bytes(before)
        return results

    def check_same(self, results):
        # No difference is printed: that of two long lines takes minutes.
        self.assertTrue(self.exported(results) == self.exported(self.undisturbed), "other results")

    def check_old(self, path, text):
        """Points are of the old bytes, and --resume keeps them."""
        results = self.change(path, text)
        self.check_same(results)
        self.assertRegex(self.run_sweep(results, "--resume"), r": 0 points done, \d+ were there")
        results.unlink()

    CLOCKS = ("arch.clock_hz", "range: {from: 100000000, to: 500000000, points: 100}")

    def test_model(self):
        """A model's shape."""
        model = self.write("model.json", (HOME / "configs/models/opt-125m.json").read_text())
        self.sweep_of(f"arch: eyeriss_shiftadd, trace: {{model: {model}, phase: decode, weights: shiftadd-3bit}}, "
                      "run: {fidelity: analytic}", [("trace.context", "range: {from: 64, to: 163, step: 1}")])
        text = model.read_text()
        self.assertIn('"num_hidden_layers": 12', text)
        self.check_old(model, text.replace('"num_hidden_layers": 12', '"num_hidden_layers": 6'))
        self.check_old(model, "no model")

    def test_dataflow(self):
        """A dataflow, and the architecture and the tables below the one that a sweep names."""
        arch = self.write("arch.yaml", (HOME / "configs/arch/eyeriss_shiftadd.yaml").read_text())
        below = self.write("below.yaml", (HOME / "configs/tech/physical-45nm.yaml").read_text())
        tech = self.write("tech.yaml", f"addax: cost_table/1\nname: above\nextends: {below}\nrows: {{}}\n")
        flow = self.write("flow.yaml", "addax: dataflow/1\nname: flow\nlevels: {resident: {innermost: [k]}}\n")
        self.sweep_of(f"arch: {arch}, tech: {tech}, trace: opt-125m.decode-64.shiftadd-3bit, "
                      f"run: {{fidelity: analytic, dataflow: {flow}}}", [self.CLOCKS])
        self.check_old(flow, flow.read_text().replace("[k]", "[n]"))
        self.check_old(arch, arch.read_text().replace("rows: ", "rows: 1"))
        self.check_old(below, "no table")

    def test_traces(self):
        """Traces, more of them than are kept in memory as layers."""
        traces = []
        for number in range(70):
            traces.append(self.folder / f"{number}.trace.yaml")
        made = subprocess.run([ADDAX, "trace", "make", "--model", "opt-125m", "--phase", "decode-64",
                               "--weights", "shiftadd-3bit", "-o", "-"], check=True, capture_output=True, text=True)
        for trace in traces:
            trace.write_text(made.stdout)
        self.sweep_of("arch: eyeriss_shiftadd, trace: x, run: {fidelity: analytic}",
                      [("arch.rows", "values: [6, 12]"), ("trace", f"values: [{', '.join(map(str, traces))}]")])
        self.assertIn("tokens: 1", made.stdout)
        self.check_old(traces[40], made.stdout.replace("tokens: 1", "tokens: 2"))

    def test_values(self):
        """Matrices are read again: points after the change have no results, and --resume runs them."""
        for file in (HOME / "traces/micro").glob("micro-values*"):
            (self.folder / file.name).write_bytes(file.read_bytes())
        clocks = ("arch.clock_hz", "range: {from: 100000000, to: 500000000, points: 400}")
        self.sweep_of(f"arch: eyeriss_shiftadd, trace: {self.folder}/micro-values.yaml", [clocks])
        matrix = self.folder / "micro-values.x.safetensors"
        changed = bytearray(matrix.read_bytes())
        changed[-1] ^= 1
        results = self.change(matrix, bytes(changed))
        with contextlib.closing(sqlite3.connect(results)) as database:
            found = database.execute("select status, message, energy_j from points order by status").fetchall()
        self.assertEqual({status for status, message, energy in found}, {"changed", "done"})
        self.assertEqual({(message, energy) for status, message, energy in found if status == "changed"},
                         {(f"{matrix}: changed while the sweep ran; allowed: files that stay as they are until it "
                           "has ended", None)})
        self.run_sweep(results, "--resume")
        self.check_same(results)

    def test_baselines(self):
        """The architectures that baselines are made of."""
        home = self.folder / "home"
        for part in ("configs", "traces"):
            (home / part).parent.mkdir(exist_ok=True)
            subprocess.run(["cp", "-r", HOME / part, home / part], check=True)
        os.environ["ADDAX_HOME"] = str(home)
        self.addCleanup(os.environ.pop, "ADDAX_HOME")
        self.sweep_of("arch: eyeriss_shiftadd, trace: opt-125m.decode-64.shiftadd-3bit, "
                      "run: {fidelity: analytic, baseline: fp16}", [self.CLOCKS])
        pattern = home / "configs/arch/eyeriss_fp16.yaml"
        self.check_old(pattern, "no architecture")


class Together(SweepTest):
    def test_second(self):
        """A second sweep into the same file is refused while the first runs, and only then."""
        results = self.folder / "r.sqlite"
        first = self.start(results, "-j", 2)
        wait_until(lambda: self.committed(results) > 0, "the first point")
        for more in (["--resume"], []):
            second = subprocess.run(self.command(results, *more), capture_output=True, text=True, check=False)
            self.assertEqual(second.returncode, 2)
            self.assertEqual(second.stderr.count("\n"), 1)
            self.assertIn("another sweep is writing it; allowed: one at a time", second.stderr)
        first.wait(PATIENCE_S)
        self.assertEqual(first.returncode, 0)
        self.assertIn("48 were there", self.run_sweep(results, "--resume"))

    def test_reads(self):
        """Others read the file while the sweep runs, and while it ends."""
        results = self.folder / "r.sqlite"
        process = self.start(results, "-j", 2)
        wait_until(lambda: self.committed(results) > 0, "the first point")
        # As a notebook has it: open from the beginning to the end, and in the middle of a query.
        reader = sqlite3.connect(results)
        self.addCleanup(reader.close)
        cursor = reader.execute("select number from points")
        cursor.fetchone()
        seen, joined = [], 0
        while process.poll() is None:
            with contextlib.closing(sqlite3.connect(f"file:{results}?mode=ro", uri=True)) as other:
                seen.append(other.execute("select count(*) from points").fetchone()[0])
                # A row and its layers are committed together.
                joined = other.execute(
                    "select count(*) from points p where status = 'done' and not exists "
                    "(select 1 from layers where point = p.id)").fetchone()[0]
                self.assertEqual(joined, 0)
            csv = subprocess.run([ADDAX, "sweep", "export", results, "--csv", "-"], check=True,
                                 capture_output=True, text=True).stdout
            self.assertGreaterEqual(csv.count("\n") - 1, seen[-1])
        self.assertEqual(process.returncode, 0, process.stderr.read())
        self.assertEqual(seen, sorted(seen))
        self.assertGreater(len(set(seen)), 2)
        cursor.fetchall()
        self.assertEqual(self.exported(results)[0].count(b"\n"), 49)


if __name__ == "__main__":
    ADDAX = sys.argv.pop(1)
    unittest.main()
