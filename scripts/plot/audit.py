#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plots an audit as waterfalls: what ShiftAddLLM saves, from the published claims to the simulation,
with what each assumption adds or takes in percentage points. Writes PREFIX-energy, PREFIX-latency and
PREFIX-components (what is saved against the same bits at the end, by component), or PREFIX-memory for
the audit of the memory claim, each as .pdf and .png.

Example: addax reproduce shiftaddllm --audit --model opt-66b --json audit.json
         scripts/plot/audit.py audit.json opt-66b
"""
import argparse
import json
import math

from common import (COLOURS, COLUMN_INCHES, WIDE_INCHES, InputError, plt, prefix_of, read_text, run,
                    save)

UP, DOWN, LEVEL, GREY = COLOURS[5], COLOURS[4], COLOURS[0], COLOURS[7]
CLAIM_STYLES = [(COLOURS[0], "--"), (COLOURS[3], ":"), (COLOURS[6], "-."), (COLOURS[1], (0, (5, 1)))]
DESIGNS = {"fp16": "FP16", "optq": "OPTQ", "shiftadd": "ShiftAddLLM"}
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


def needed(map_, key, kind, place):
    """The value at a key, of a kind."""
    value = found(map_, key, kind, place)
    if value is None:
        raise InputError(f"{place}: {key}: found null; allowed: {WHERE}")
    return value


SCHEMAS = ("addax.audit/1", "addax.memory_audit/1")


def read_audit(path):
    try:
        audit = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: is not JSON: {error}") from None
    schema = audit.get("schema") if isinstance(audit, dict) else None
    if schema not in SCHEMAS:
        raise InputError(f"{path}: schema: found {json.dumps(schema)[:40]}; "
                         f"allowed: {', '.join(SCHEMAS)}")
    if not found(audit, "steps", list, path):
        raise InputError(f"{path}: steps: found none; allowed: {WHERE}")
    return audit


def signed(points):
    """Percentage points with a sign, but for what rounds to nothing."""
    return f"{points:+.1f}" if abs(points) >= 0.05 else "0.0"


def legend_below(axes):
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=4.0)


class Waterfall:
    """A panel: the level after each step, None where there is none yet, and what remains in a row of
    its own. `claims` are (where, per cent)."""

    def __init__(self, title, levels, claims):
        self.title, self.levels, self.claims = title, levels, claims

    def draw(self, axes):
        known = [i for i, level in enumerate(self.levels) if level is not None]
        if not known:
            return
        end = len(self.levels)
        first, last = self.levels[known[0]], self.levels[known[-1]]
        for i, k in zip(known, known[1:]):
            before, after = self.levels[i], self.levels[k]
            axes.barh(k, after - before, left=before, height=0.6,
                      color=UP if after >= before else DOWN, zorder=2)
            axes.plot([before] * 2, [i, k], color=GREY, linewidth=0.4, zorder=1)
            self.figures(axes, k, signed(after - before), f"{after:.1f}")
        axes.plot([last] * 2, [known[-1], end], color=GREY, linewidth=0.4, zorder=1)
        for row, level in ((known[0], first), (end, last)):
            axes.plot(level, row, marker="D", color=LEVEL, markersize=4, zorder=3)
            self.figures(axes, row, "", f"{level:.1f}")
        for (where, claim), (colour, style) in zip(self.claims, CLAIM_STYLES * len(self.claims)):
            axes.axvline(claim, color=colour, linewidth=0.9, linestyle=style, zorder=0,
                         label=f"{where}: {claim:.1f} %")
        self.figures(axes, -0.6, "points", "%", va="bottom")
        self.limits(axes, [self.levels[i] for i in known] + [claim for _, claim in self.claims])
        axes.set_title(self.title, pad=10)
        axes.set_xlabel("saving (%)")
        if self.claims:
            legend_below(axes)

    @staticmethod
    def limits(axes, values):
        """There is no saving above 100 %."""
        margin = 0.06 * (max(values) - min(values)) + 0.5
        axes.set_xlim(min(values) - margin, min(100.0, max(values) + margin))
        if min(values) - margin < 0.0:
            axes.axvline(0.0, color=GREY, linewidth=0.4, zorder=0)

    @staticmethod
    def figures(axes, row, change, level, va="center"):
        """In two columns right of the panel, where no bar is."""
        for offset, text in ((22, change), (39, level)):
            axes.annotate(text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(offset, 0),
                          textcoords="offset points", ha="right", va=va, fontsize=6,
                          annotation_clip=False)


class Factors:
    """A panel: how much of FP16 over ShiftAddLLM is compression, how much multiplication-free."""

    def __init__(self, compression, multiplication_free):
        self.lines = [("compression", compression, COLOURS[5], "o"),
                      ("no multiplication", multiplication_free, COLOURS[4], "^")]

    def draw(self, axes):
        for label, factors, colour, marker in self.lines:
            axes.plot(factors, range(len(factors)), label=label, color=colour, marker=marker)
        axes.axvline(1.0, color=GREY, linewidth=0.4, zorder=0)
        axes.set_title("factors of the saving v. FP16", pad=10)
        axes.set_xlabel("factor")
        legend_below(axes)


def draw(steps, panels, title, path):
    titles = [needed(step, "title", str, path) for step in steps] + ["What remains"]
    figure, all_axes = plt.subplots(1, len(panels), sharey=True, squeeze=False,
                                    figsize=(WIDE_INCHES, 1.5 + 0.2 * len(titles)))
    for axes, panel in zip(all_axes[0], panels):
        panel.draw(axes)
        axes.tick_params(axis="y", length=0)
        axes.set_axisbelow(True)
        axes.grid(True, axis="y", linewidth=0.2, color="#DDDDDD")
    first = all_axes[0][0]
    first.set_yticks(range(len(titles)), titles)
    first.set_ylim(len(titles) - 0.4, -0.6)
    figure.suptitle(title, fontsize=7)
    figure.get_layout_engine().set(wspace=0.06)  # figures stand by their own panel
    return figure


def context_of(audit, path):
    """What was audited, on what, and the arrays."""
    designs = needed(audit, "designs", dict, path)

    def array(design, name):
        found_ = needed(designs, design, dict, f"{path}: designs")
        rows, columns = (needed(found_, key, int, f"{path}: designs: {design}")
                         for key in ("rows", "columns"))
        area = needed(found_, "area_mm2", float, f"{path}: designs: {design}")
        return f"{name} {rows} x {columns} ({area:.2f} mm$^2$)"
    arrays = ", ".join(array(*design) for design in DESIGNS.items())
    return (f"{audit['model']}, {needed(audit, 'bits', int, path)} bits, "
            f"{needed(audit, 'context_tokens', int, path)} keys",
            f"{needed(audit, 'architecture', str, path)}, {needed(audit, 'cost_table', str, path)}, "
            f"{needed(audit, 'equalisation', str, path)}", arrays)


def claims_of(audit, path):
    return [(needed(claim, "where", str, f"{path}: claim {i + 1}"),
             needed(claim, "saving_vs_fp16_percent", float, f"{path}: claim {i + 1}"))
            for i, claim in enumerate(needed(audit, "claims", list, path))]


def cost_figures(audit, path):
    steps = audit["steps"]
    what, where, arrays = context_of(audit, path)
    for figure in ("energy", "latency"):
        def series(key):
            return [found(step, f"{figure}_{key}", float, f"{path}: step {i + 1}")
                    for i, step in enumerate(steps)]
        panels = [
            Waterfall("ShiftAddLLM v. FP16", series("saving_vs_fp16_percent"),
                      claims_of(audit, path) if figure == "energy" else []),
            Waterfall("v. same bits on multipliers", series("saving_vs_optq_percent"), []),
            Factors(series("compression_factor"), series("multiplication_free_factor"))]
        title = f"{figure.capitalize()} of a token: {what}, {where}\n{arrays}"
        yield figure, draw(steps, panels, title, path)
    yield "components", components(audit, f"{what}\n{where}", path)


def components(audit, context, path):
    """What is saved against the same bits after the last step, in per cent of what those take."""
    place = f"{path}: step {len(audit['steps'])}"
    designs = needed(audit["steps"][-1], "designs", dict, place)
    optq, shiftadd = (
        needed(needed(designs, name, dict, place), "energy_by_component_j", dict, place)
        for name in ("optq", "shiftadd"))
    total = sum(needed(optq, name, float, place) for name in optq)
    saved = {name: 100.0 * (optq[name] - needed(shiftadd, name, float, place)) / total
             for name in optq}
    saved["all"] = sum(saved.values())
    figure, axes = plt.subplots(figsize=(COLUMN_INCHES, 2.9))
    for row, (name, points) in enumerate(saved.items()):
        colour = LEVEL if name == "all" else UP if points >= 0.0 else DOWN
        axes.barh(row, points, height=0.6, color=colour)
        axes.annotate(signed(points), (max(points, 0.0), row), xytext=(2.5, 0),
                      textcoords="offset points", va="center", fontsize=6)
    axes.axvline(0.0, color=GREY, linewidth=0.4)
    axes.set_yticks(range(len(saved)), saved)
    axes.set_ylim(len(saved) - 0.4, -0.6)
    span = max(saved.values()) - min(0.0, *saved.values())
    axes.set_xlim(min(0.0, *saved.values()) - 0.05 * span,
                  min(100.0, max(0.0, *saved.values()) + 0.18 * span))
    axes.set_xlabel("saved by ShiftAddLLM (% of the energy of OPTQ)")
    axes.set_title(f"Energy of a token against the same bits, by component\n{context}")
    return figure


def memory_figures(audit, path):
    steps = audit["steps"]
    savings = [found(step, "savings", dict, f"{path}: step {i + 1}") or {}
               for i, step in enumerate(steps)]
    claim = found(audit, "claim", dict, path) or {}
    panels = []
    for design in savings[-1]:
        for key, against in (("fp16_percent", "FP16"), ("same_bits_percent", "same bits")):
            if design.startswith("shiftadd"):
                levels = [found(each.get(design), key, float, path) for each in savings]
                claimed = found(claim[design], key, float, path) if design in claim else None
                panels.append(Waterfall(f"{design.replace('_', ' ')} v. {against}", levels,
                                        [] if claimed is None else [("claim", claimed)]))
    if not panels:
        raise InputError(f"{path}: has no savings of ShiftAddLLM; allowed: {WHERE}")
    title = (f"Memory of the weights: {audit['model']}, "
             f"{needed(audit, 'context_tokens', int, path)} tokens of context")
    yield "memory", draw(steps, panels, title, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", help=WHERE)
    parser.add_argument("prefix", type=prefix_of, help="start of the names of the figures")
    arguments = parser.parse_args()
    audit = read_audit(arguments.json)
    for key in ("model", "quantity"):
        needed(audit, key, str, arguments.json)
    kinds = {"energy_latency": cost_figures, "weight_memory": memory_figures}
    if audit["quantity"] not in kinds:
        raise InputError(f"{arguments.json}: quantity: found '{audit['quantity']}'; allowed: "
                         f"{', '.join(kinds)}")
    # All or none: a mistake in the last figure leaves no first one behind.
    for name, figure in list(kinds[audit["quantity"]](audit, arguments.json)):
        save(figure, f"{arguments.prefix}-{name}")


if __name__ == "__main__":
    run(main)
