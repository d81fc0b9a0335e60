#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots an audit as waterfalls: what ShiftAddLLM saves, from the published claim (dashed) to the
simulation, with what each assumption adds or takes in percentage points. Writes PREFIX-energy and
PREFIX-latency, or PREFIX-memory for the audit of the memory claim, each as .pdf and .png.

Example: addax reproduce shiftaddllm --audit --model opt-66b --json audit.json
         scripts/plot_audit.py audit.json opt-66b
"""
import argparse
import json
import math

from plotting import COLOURS, WIDE_INCHES, InputError, plt, read_text, run, save

UP, DOWN, LEVEL = COLOURS[5], COLOURS[4], COLOURS[0]
WHERE = "what 'addax reproduce shiftaddllm --audit --json' writes"


def found(map_, key, kind, place):
    """The value at a key, of a kind; null is None."""
    if not isinstance(map_, dict) or key not in map_:
        raise InputError(f"{place}: has no '{key}'; allowed: {WHERE}")
    value = map_[key]
    numeric = kind is float and isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or (numeric and math.isfinite(value)) or (
            kind is not float and isinstance(value, kind)):
        return value
    raise InputError(f"{place}: {key}: found {json.dumps(value)[:40]}; allowed: {WHERE}")


def read_audit(path):
    try:
        audit = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: is not JSON: {error}") from None
    schema = audit.get("schema") if isinstance(audit, dict) else None
    if schema != "addax.audit/1":
        raise InputError(f"{path}: schema: found {json.dumps(schema)[:40]}; allowed: \"addax.audit/1\"")
    if not found(audit, "steps", list, path):
        raise InputError(f"{path}: steps: found none; allowed: {WHERE}")
    return audit


def signed(points):
    """Percentage points with a sign, but for what rounds to nothing."""
    return f"{points:+.1f}" if abs(points) >= 0.05 else "0.0"


class Waterfall:
    """A panel: the level after each step, None where there is none yet."""

    def __init__(self, title, levels, claim):
        self.title, self.levels, self.claim = title, levels, claim

    def draw(self, axes):
        known = [i for i, level in enumerate(self.levels) if level is not None]
        if not known:
            return
        span = max(self.levels[i] for i in known) - min(self.levels[i] for i in known)
        for i, k in zip(known, known[1:]):
            self.change(axes, k, self.levels[i], self.levels[k])
            axes.plot([self.levels[i]] * 2, [i, k], color="#7F7F7F", linewidth=0.4, zorder=1)
        for i in (known[0], known[-1]):
            level = self.levels[i]
            axes.plot([level] * 2, [i - 0.38, i + 0.38], color=LEVEL, linewidth=1.8, zorder=3)
        first, last = self.levels[known[0]], self.levels[known[-1]]
        self.text(axes, first, known[0], f"{first:.1f} %")
        if len(known) > 1:
            right = max(last, self.levels[known[-2]])
            change = last - self.levels[known[-2]]
            self.text(axes, right, known[-1], f"{signed(change)}, {last:.1f} %")
        if self.claim is not None:
            axes.axvline(self.claim, color=LEVEL, linewidth=0.7, linestyle="--", zorder=0)
        left = min(self.levels[i] for i in known) - 0.08 * span - 0.5
        axes.set_xlim(left, left + 1.65 * span + 2.5)  # room for the figures
        if left < 0.0:
            axes.axvline(0.0, color="#7F7F7F", linewidth=0.4, zorder=0)
        axes.set_title(self.title)
        axes.set_xlabel("saving (%)" + ("; dashed: claim" if self.claim is not None else ""))

    def change(self, axes, row, before, after):
        axes.barh(row, after - before, left=before, height=0.6,
                  color=UP if after >= before else DOWN, zorder=2)
        if row != len(self.levels) - 1:
            self.text(axes, max(before, after), row, signed(after - before))

    @staticmethod
    def text(axes, x, row, text):
        axes.annotate(text, (x, row), xytext=(2.5, 0), textcoords="offset points", va="center",
                      fontsize=6, zorder=4,
                      bbox={"boxstyle": "square,pad=0.1", "facecolor": "#FFFFFF", "linewidth": 0})


class Factors:
    """A panel: how much of FP16 over ShiftAddLLM is compression, how much multiplication-free."""

    def __init__(self, compression, multiplication_free):
        self.lines = [("compression", compression, COLOURS[5], "o"),
                      ("no multiplication", multiplication_free, COLOURS[4], "^")]

    def draw(self, axes):
        for label, factors, colour, marker in self.lines:
            axes.plot(factors, range(len(factors)), label=label, color=colour, marker=marker)
        axes.axvline(1.0, color="#7F7F7F", linewidth=0.4, zorder=0)
        axes.set_title("factors of the saving against FP16")
        axes.set_xlabel("factor")
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=2)


def draw(steps, panels, title, path):
    titles = [found(step, "title", str, path) for step in steps]
    figure, all_axes = plt.subplots(1, len(panels), sharey=True, squeeze=False,
                                    figsize=(WIDE_INCHES, 1.0 + 0.2 * len(steps)))
    for axes, panel in zip(all_axes[0], panels):
        panel.draw(axes)
        axes.set_axisbelow(True)
        axes.grid(True, axis="y", linewidth=0.2, color="#DDDDDD")
    first = all_axes[0][0]
    first.set_yticks(range(len(steps)), titles)
    first.set_ylim(len(steps) - 0.4, -0.6)
    figure.suptitle(title, fontsize=7)
    return figure


def cost_figures(audit, path):
    steps = audit["steps"]
    claim = found(audit, "claim", dict, path)
    claimed = found(claim, "saving_vs_fp16_percent", float, path) if claim else None
    bits = found(audit, "bits", float, path)
    for figure in ("energy", "latency"):
        def series(key):
            return [found(step, f"{figure}_{key}", float, f"{path}: step {i + 1}")
                    for i, step in enumerate(steps)]
        panels = [
            Waterfall("ShiftAddLLM against FP16", series("saving_vs_fp16_percent"),
                      claimed if figure == "energy" else None),
            Waterfall("against the same bits on multipliers", series("saving_vs_optq_percent"),
                      None),
            Factors(series("compression_factor"), series("multiplication_free_factor"))]
        title = f"{figure} of a token, {audit['model']}, {bits:.0f} bits"
        yield figure, draw(steps, panels, title, path)


def memory_figures(audit, path):
    steps = audit["steps"]
    savings = [found(step, "savings", dict, f"{path}: step {i + 1}") or {}
               for i, step in enumerate(steps)]
    claim = found(audit, "claim", dict, path) or {}
    panels = []
    for design in savings[-1]:
        for key, against in (("fp16_percent", "FP16"), ("same_bits_percent", "the same bits")):
            if design.startswith("shiftadd"):
                levels = [found(each.get(design), key, float, path) for each in savings]
                claimed = found(claim[design], key, float, path) if design in claim else None
                panels.append(Waterfall(f"{design.replace('_', ' ')} v. {against}", levels, claimed))
    if not panels:
        raise InputError(f"{path}: has no savings of ShiftAddLLM; allowed: {WHERE}")
    yield "memory", draw(steps, panels, f"memory of the weights, {audit['model']}", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", help=WHERE)
    parser.add_argument("prefix", help="start of the names of the figures")
    arguments = parser.parse_args()
    audit = read_audit(arguments.json)
    for key in ("model", "quantity"):
        found(audit, key, str, arguments.json)
    kinds = {"energy_latency": cost_figures, "weight_memory": memory_figures}
    if audit["quantity"] not in kinds:
        raise InputError(f"{arguments.json}: quantity: found '{audit['quantity']}'; allowed: "
                         f"{', '.join(kinds)}")
    for name, figure in kinds[audit["quantity"]](audit, arguments.json):
        save(figure, f"{arguments.prefix}-{name}")


if __name__ == "__main__":
    run(main)
