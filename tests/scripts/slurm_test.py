#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/slurm_sweep.sh on a real Slurm. Usage: slurm_test.py ADDAX [unittest's arguments]"""
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import unittest

from slurm_cluster import Cluster, wait_until

ADDAX = ""
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "slurm_sweep.sh"
PARTS = 4
# Most seconds of what Slurm is waited for.
PATIENCE = 120

SWEEP = """addax: sweep/1
name: parts
base:
  arch: eyeriss_shiftadd
  trace: {model: opt-125m, phase: decode}
axes:
  - {key: trace.weights, values: [shiftadd-2bit, shiftadd-3bit, shiftadd-4bit]}
  - {key: arch.rows, values: [6, 12, 16, 24]}
  - {key: arch.groups.lut.columns, range: {from: 4, to: 13, step: 1}}
"""


def addax(folder, *words):
    return subprocess.run([ADDAX, *words], cwd=folder, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def points(path):
    """How many points have ended, in a file of results that may be under way, or not there yet."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return database.execute("select count(*) from points where status = 'done'").fetchone()[0]
        finally:
            database.close()
    except sqlite3.OperationalError:
        return 0


def process_of(words):
    """The process of a command that no process of the same command has started."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words in path.read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                status = (path.parent / "stat").read_text().rpartition(")")[2].split()
                found[int(path.parent.name)] = int(status[1])
        except OSError:
            pass
    first = [process for process, parent in found.items() if parent not in found]
    if len(first) != 1:
        raise RuntimeError(f"found the processes {found} of '{words}'")
    return first[0]


class SlurmTest(unittest.TestCase):
    def array(self, cluster):
        """Submits the parts and returns the number of the job."""
        return cluster.run("sbatch", "--parsable", f"--array=1-{PARTS}", SCRIPT, "parts.yaml",
                           "results").strip()

    def end(self, cluster, job, most=PATIENCE):
        def state():
            return cluster.job(job)["JobState"]
        wait_until(lambda: state() not in ("PENDING", "RUNNING", "COMPLETING"), most,
                   f"job {job} has ended")
        return state()

    def test_parts_that_are_killed_and_requeued_give_what_one_run_gives(self):
        with Cluster(PARTS) as cluster:
            (cluster.work / "parts.yaml").write_text(SWEEP)
            cluster.environment["ADDAX"] = ADDAX
            part = {i: cluster.work / f"results/parts.{i}-of-{PARTS}.sqlite"
                    for i in range(1, PARTS + 1)}
            job = self.array(cluster)
            # One is killed, as by a machine that is out of memory; one has to make room for another job.
            wait_until(lambda: points(part[1]) > 2, PATIENCE, "the first part has points")
            os.kill(process_of(f"--shard 1/{PARTS} "), signal.SIGKILL)
            wait_until(lambda: points(part[2]) > 2, PATIENCE, "the second part has points")
            cluster.run("scontrol", "requeue", f"{job}_2")
            self.assertEqual(self.end(cluster, f"{job}_1"), "FAILED")
            cluster.run("scontrol", "requeue", f"{job}_1")

            addax(cluster.work, "sweep", "parts.yaml", "--quiet", "--out", "one.sqlite",
                  "--csv", "one.csv")
            for i, path in part.items():
                self.assertEqual(self.end(cluster, f"{job}_{i}"), "COMPLETED")
                listed = addax(cluster.work, "sweep", "parts.yaml", "--list",
                               "--shard", f"{i}/{PARTS}").count("\n") - 1
                self.assertEqual(points(path), listed)
                interrupted = i in (1, 2)
                log = (cluster.work / f"slurm-{job}_{i}.out").read_text()
                self.assertEqual(" were there" in log, interrupted, log)
                self.assertNotIn("failed", log)
                self.assertEqual(cluster.job(f"{job}_{i}")["Restarts"], str(int(interrupted)))

            # Submitted again there is nothing left to do, and parts are merged when all have ended.
            again = self.array(cluster)
            merge = cluster.run(
                "sbatch", "--parsable", f"--dependency=afterok:{again}", "--wrap",
                f"'{ADDAX}' sweep merge parts.sqlite results/parts.*-of-{PARTS}.sqlite").strip()
            self.assertEqual(self.end(cluster, merge), "COMPLETED")
            for i in part:
                log = (cluster.work / f"slurm-{again}_{i}.out").read_text()
                self.assertIn(": 0 points done, ", log)
            addax(cluster.work, "sweep", "export", "parts.sqlite", "--csv", "parts.csv")
            one = (cluster.work / "one.csv").read_bytes()
            self.assertEqual(one.count(b"\n"), 121)
            self.assertEqual((cluster.work / "parts.csv").read_bytes(), one)


class RefusedTest(unittest.TestCase):
    def refused(self, words, **environment):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
        done = subprocess.run([SCRIPT, *words], env={**kept, "ADDAX": "/bin/false", **environment},
                              text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
        return done.stderr

    def test_what_is_no_array_from_1_to_n_is_refused(self):
        array = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "3",
                 "SLURM_ARRAY_TASK_COUNT": "1"}
        self.assertIn("1 tasks from 3 to 3; allowed: 1-N", self.refused(["a.yaml"], **array))
        array.update(SLURM_ARRAY_TASK_MIN="1", SLURM_ARRAY_TASK_COUNT="2")
        self.assertIn("2 tasks from 1 to 3; allowed: 1-N", self.refused(["a.yaml"], **array))
        self.assertIn("no job array", self.refused(["a.yaml"]))
        self.assertIn("no sweep", self.refused([]))


if __name__ == "__main__":
    ADDAX = sys.argv.pop(1)
    unittest.main()
