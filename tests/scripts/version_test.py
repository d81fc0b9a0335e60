#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a build says it was made of, in a small project of its own. Usage: version_test.py CMAKE GENERATOR"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HOME = pathlib.Path(__file__).resolve().parents[2]
CMAKE = GENERATOR = ""
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(small VERSION 3.2.1 LANGUAGES CXX)
include(cmake/version.cmake)
add_executable(small main.cpp ${version_source} ${version_stamp})
target_include_directories(small PRIVATE .)
"""
MAIN = """#include <cstdio>
#include "sim/app/version.h"
using namespace addax::app;
int main() { std::printf("%s %s %s", version(), commit(), sources_sha256()); }
"""


class VersionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "small project"
        self.make(self.folder)

    def make(self, folder):
        (folder / "models/a").mkdir(parents=True)
        (folder / "sim/app").mkdir(parents=True)
        (folder / "cmake").mkdir()
        for name in ("version.cmake", "write_version.cmake", "version.cpp.in"):
            shutil.copy(HOME / "cmake" / name, folder / "cmake" / name)
        shutil.copy(HOME / "sim/app/version.h", folder / "sim/app/version.h")
        (folder / "models/a/b.cpp").write_text("int b;\n")
        (folder / "models/c.h").write_text("int c();\n")
        (folder / "main.cpp").write_text(MAIN)
        (folder / "CMakeLists.txt").write_text(PROJECT)

    def run_all(self, *command, cwd=None):
        environment = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a", "GIT_COMMITTER_NAME": "a",
                       "GIT_COMMITTER_EMAIL": "a", "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def built(self, folder=None):
        """Version, commit and hash that a build gives."""
        folder = folder or self.folder
        if not (folder / "build").exists():
            self.run_all(CMAKE, "-S", folder, "-B", folder / "build", "-G", GENERATOR)
        self.run_all(CMAKE, "--build", folder / "build")
        return self.run_all(folder / "build/small").split()

    @staticmethod
    def expected(folder):
        """The same as sha256sum of what sha256sum prints."""
        names = sorted(str(path.relative_to(folder)) for part in ("models", "sim")
                       for path in (folder / part).rglob("*") if path.suffix in (".cpp", ".h"))
        lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def times(self):
        return [(self.folder / "build" / name).stat().st_mtime_ns for name in ("small", "version/written")]

    def test_sources(self):
        """The hash is of contents and names, as they are when the build begins; nothing changed is no work."""
        first = self.built()
        self.assertEqual(first, ["3.2.1", "unknown", self.expected(self.folder)])
        times = self.times()
        self.assertEqual(self.built(), first)
        self.assertEqual(self.times(), times)
        seen = {first[2]}
        header = self.folder / "models/c.h"
        for change in (lambda: header.write_text("int d();\n"),                    # a byte
                       lambda: header.rename(self.folder / "models/d.h"),          # a name
                       lambda: (self.folder / "sim/new.cpp").write_text(""),       # a file more
                       lambda: (self.folder / "models/a/b.cpp").unlink()):         # one less
            change()
            now = self.built()
            self.assertEqual(now[2], self.expected(self.folder))
            self.assertNotIn(now[2], seen)
            seen.add(now[2])
        (self.folder / "sim/notes.txt").write_text("no source")
        self.assertEqual(self.built()[2], now[2])
        other = self.folder.parent / "other"
        shutil.copytree(self.folder, other, ignore=shutil.ignore_patterns("build"))
        self.assertEqual(self.built(other)[2], now[2])

    def test_touched(self):
        """A time is no change: nothing is linked again."""
        first = self.built()
        linked = self.times()[0]
        time.sleep(0.01)
        os.utime(self.folder / "models/c.h")
        self.assertEqual(self.built(), first)
        self.assertEqual(self.times()[0], linked)

    def test_commit(self):
        """The commit is that of the build, not of the first configuration; a folder around has none of ours."""
        git = ["git", "-C", self.folder]
        self.run_all("git", "init", "-q", self.folder.parent)
        self.assertEqual(self.built()[1], "unknown")
        shutil.rmtree(self.folder / "build")
        self.run_all("git", "init", "-q", self.folder)
        (self.folder / ".gitignore").write_text("build\n")
        self.run_all(*git, "add", ".")
        self.run_all(*git, "commit", "-qm", "one")
        head = lambda: self.run_all(*git, "rev-parse", "--short=12", "HEAD").strip()
        self.assertEqual(self.built()[1], head())
        times = self.times()
        self.assertEqual(self.built()[1], head())
        self.assertEqual(self.times(), times)
        before = head()
        (self.folder / "models/c.h").write_text("int d();\n")
        self.assertEqual(self.built()[1], head() + "-dirty")
        self.run_all(*git, "commit", "-qam", "two")
        self.assertEqual(self.built()[1], head())
        self.assertNotEqual(head(), before)


if __name__ == "__main__":
    GENERATOR, CMAKE = sys.argv.pop(2), sys.argv.pop(1)
    unittest.main()
