#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the compiler cannot: who may include whom (as CMakeLists.txt says), that models/ is
free of SystemC, YAML and I/O, licence lines, and the length of files. Prints every offence."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 600
SOURCES = ("*.h", "*.cpp")
SCRIPTS = ("*.py", "*.sh", "CMakeLists.txt", "*.cmake", "*.yaml")
FORBIDDEN_IN_MODELS = re.compile(
    r"systemc|yaml-cpp|nlohmann|iostream|fstream|filesystem|unistd\.h")
PRINTING = re.compile(r"\b(std::)?(f?printf|f?puts|fopen|fwrite|putchar)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LIBRARY = re.compile(r"^addax_library\(([^\s)]+)([^)]*)\)", re.MULTILINE)


def allowed_includes():
    """Folder -> folders it may include: itself and, since links are public, all it reaches."""
    text = (ROOT / "CMakeLists.txt").read_text()
    direct = {}
    for folder, rest in LIBRARY.findall(text):
        words = rest.split()
        uses = []
        if "USES" in words:
            for word in words[words.index("USES") + 1:]:
                if word in ("PACKAGES", "PCH_SYSTEMC"):
                    break
                uses.append(word)
        direct[folder] = uses
    reached = {}

    def reach(folder):
        if folder not in reached:
            reached[folder] = {folder}
            for use in direct[folder]:
                reached[folder] |= reach(use)
        return reached[folder]

    for folder in direct:
        reach(folder)
    reached["sim/app"] = set(direct) | {"sim/app"}
    return reached


def check_includes(path, lines, allowed):
    folder = path.parent.as_posix()
    for number, line in enumerate(lines, 1):
        place = f"{path}:{number}"
        if path.parts[0] == "models" and PRINTING.search(line):
            yield f"{place}: models/ neither reads nor writes"
        found = INCLUDE.match(line)
        if not found:
            continue
        bracket, name = found.groups()
        if ".." in name:
            yield f"{place}: '{name}': includes start at the root, not at '..'"
        if bracket == "<" and path.parts[0] == "models" and FORBIDDEN_IN_MODELS.search(name):
            yield f"{place}: '{name}': models/ neither simulates nor reads nor writes"
        if bracket == '"' and folder in allowed:
            target = pathlib.PurePosixPath(name).parent.as_posix()
            if target not in allowed[folder]:
                yield f"{place}: '{name}': {folder} may not use {target}"


def check_file(path, allowed):
    lines = (ROOT / path).read_text().splitlines()
    if "SPDX-License-Identifier: Apache-2.0" not in "".join(lines[:2]):
        yield f"{path}:1: no licence line"
    if path.suffix in (".h", ".cpp"):
        if len(lines) > MOST_LINES:
            yield f"{path}: {len(lines)} lines; at most {MOST_LINES}"
        if path.suffix == ".h" and "#pragma once" not in lines:
            yield f"{path}: no '#pragma once'"
        yield from check_includes(path, lines, allowed)


def files():
    for top in ("models", "sim", "tests", "scripts", "cmake", "configs"):
        for pattern in SOURCES + SCRIPTS:
            yield from (ROOT / top).rglob(pattern)
    yield ROOT / "CMakeLists.txt"


def main():
    allowed = allowed_includes()
    offences = []
    for path in sorted(set(files())):
        offences += check_file(path.relative_to(ROOT), allowed)
    for folder in sorted({p.parent for t in ("models", "sim") for p in (ROOT / t).rglob("*.cpp")}):
        if folder.relative_to(ROOT).as_posix() not in allowed:
            offences.append(f"{folder.relative_to(ROOT)}: a folder without a target in CMakeLists.txt")
    print("\n".join(offences) or "no offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
