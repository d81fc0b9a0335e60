# SPDX-License-Identifier: Apache-2.0
"""A Slurm of one node: this machine, the current user, a folder of its own, free ports.

Its daemons belong to a guard (this file, run as a program), which ends them, all jobs and the folder when the process
that made the Cluster closes it or ends, in whatever way."""
import ctypes
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
START_SECONDS = 30
# A job that is requeued waits until its old credential has run out; Slurm's default is 120 s.
CREDENTIAL_SECONDS = 5

CONFIGURATION = """
ClusterName=addax
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire={expire}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus}
PartitionName=all Nodes={host} Default=YES State=UP
"""


class Cluster:
    """`run("sbatch", ...)` runs a program of Slurm's and returns what it prints. For `with`."""

    def __init__(self, cpus):
        missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
        if missing:
            raise RuntimeError(f"Slurm is not installed ({', '.join(missing)} not found): "
                               "run scripts/install_packages.sh tests")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="addax_slurm_"))
        for name in ("state", "spool", "work"):
            (self.folder / name).mkdir()
        self.work = self.folder / "work"
        self.environment = dict(os.environ, PATH=PATH, SLURM_CONF=str(self.folder / "slurm.conf"))
        host = socket.gethostname().split(".")[0]
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, ports=free_ports(2), user=getpass.getuser(), folder=self.folder, cpus=cpus,
            expire=CREDENTIAL_SECONDS))
        self.guard = subprocess.Popen([sys.executable, __file__, self.folder], stdin=subprocess.PIPE,
                                      start_new_session=True, env=self.environment)

    def __enter__(self):
        try:
            wait_until(lambda: "idle" in self.run("sinfo", "-h", "-o", "%T", check=False),
                       START_SECONDS, "the node of Slurm is idle")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.logs(), file=sys.stderr)
        self.guard.stdin.close()
        self.guard.wait()

    def run(self, *words, check=True):
        done = subprocess.run(words, env=self.environment, cwd=self.work, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stdout}")
        return done.stdout

    def job(self, name):
        """What Slurm knows of a job or a task of an array, "7" or "7_3", as words."""
        shown = self.run("scontrol", "--oneliner", "show", "job", name)
        return dict(word.split("=", 1) for word in shown.split() if "=" in word)

    def logs(self):
        paths = sorted(self.folder.glob("*.log")) + sorted(self.work.glob("*.out"))
        return "\n".join(f"---- {path.name}\n{path.read_text(errors='replace')}" for path in paths)


def wait_until(true, seconds, what):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(f"not in {seconds} s: {what}")
        time.sleep(0.02)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def descendants():
    parents = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            pass
    found = {os.getpid()}
    while True:
        more = {process for process, parent in parents.items() if parent in found} - found
        if not more:
            return found - {os.getpid()}
        found |= more


def end_descendants():
    while True:
        for process in descendants():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def guard(folder):
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    # Slurm detaches its jobs: whose parent ends becomes a child of the guard.
    subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    try:
        for name, options in (("slurmctld", ["-D", "-c"]), ("slurmd", ["-D"])):
            with open(folder / f"{name}.log", "w") as log:
                subprocess.Popen([shutil.which(name, path=PATH), *options], stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, restore_signals=True)
        sys.stdin.read()  # up to the end of the test
    finally:
        end_descendants()
        shutil.rmtree(folder)


if __name__ == "__main__":
    guard(pathlib.Path(sys.argv[1]))
