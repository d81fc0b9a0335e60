# SPDX-License-Identifier: Apache-2.0
"""The audits' part of docs/validation/shiftaddllm.md."""
from markdown_text import fixed, percent, si, significant, table

DESIGNS = {"fp16": "FP16", "optq": "OPTQ", "shiftadd": "ShiftAddLLM"}
EQUAL = {"area": "equal area", "throughput": "equal throughput"}  # by the word of --equal


class Audited:
    """A model and its bits: an audit for each word of EQUAL."""

    def __init__(self, audits):
        self.audits = audits
        self.model, self.bits = audits["area"]["model"], audits["area"]["bits"]
        self.keys, self.claims = audits["area"]["context_tokens"], audits["area"]["claims"]

    def last(self, equal):
        return self.audits[equal]["steps"][-1]

    def savings(self, equal):
        """Of energy and latency, against FP16 and against OPTQ."""
        return [fixed(self.last(equal)[f"{figure}_saving_vs_{baseline}_percent"], 1)
                for figure in ("energy", "latency") for baseline in ("fp16", "optq")]

    def area_ratio(self, equal):
        designs = self.audits[equal]["designs"]
        return fixed(designs["shiftadd"]["area_mm2"] / designs["optq"]["area_mm2"], 3)


def claims(audited):
    return "; ".join(f"{percent(claim['saving_vs_fp16_percent'])} ({claim['where']})"
                     for claim in audited.claims)


def savings_table(all_audited):
    heads = ["model", "bits", "claimed energy"]
    for equal in EQUAL.values():
        heads += [f"{figure} v. {baseline}, {equal}" for figure in ("energy", "latency")
                  for baseline in ("FP16", "OPTQ")] + ["area / OPTQ"]
    return table(heads, ([each.model, each.bits, claims(each) or "-",
                          *(cell for equal in EQUAL
                            for cell in (*each.savings(equal), each.area_ratio(equal)))]
                         for each in all_audited), 3)


def residual_table(all_audited):
    heads = ["model", "bits", *(f"{figure}, {name}" for figure in ("energy", "latency")
                                for name in DESIGNS.values())]
    return table(heads, ([each.model, each.bits,
                          *(fixed(each.audits["area"]["residual"][name][f"{figure}_percent"], 1)
                            for figure in ("energy", "latency") for name in DESIGNS)]
                         for each in all_audited), 2)


def extremes(all_audited, equal):
    """A sentence on what is left at the end, over all models."""
    def span(bits, key):
        values = [each.last(equal)[key] for each in all_audited if each.bits == bits]
        return f"{fixed(min(values), 1)} to {percent(max(values))}"
    parts = [f"at {bits} bits {span(bits, 'energy_saving_vs_fp16_percent')} of the energy of FP16 are "
             f"saved, {span(bits, 'energy_saving_vs_optq_percent')} of the energy and "
             f"{span(bits, 'latency_saving_vs_optq_percent')} of the latency of the same bits on "
             "multipliers" for bits in sorted({each.bits for each in all_audited}, reverse=True)]
    return f"With {EQUAL[equal]}: {'; '.join(parts)}."


def summary(all_audited):
    text = ("## The energy claim, made physical\n\nEach step of an audit makes one assumption of the "
            "published accounting physical and keeps what those before it changed "
            "([audit](../physics/audit.md)); the last is the simulation. The tables below have what is "
            "left then, in per cent, of FP16 and of the same bits on multipliers (OPTQ), once with "
            "baselines of the design's area, once with baselines of its throughput, whatever area they "
            "take: area / OPTQ is ShiftAddLLM's over the baseline's. Below 0 ShiftAddLLM takes more. A "
            "claim is the paper's, of energy against FP16.\n\n")
    text += "\n".join(f"- {extremes(all_audited, equal)}" for equal in EQUAL) + "\n\n"
    text += savings_table(all_audited)
    return text + ("\nThe residual is what the last step changes, the simulation in place of the account "
                   "of published tilings, in per cent of the step before; baselines of equal area.\n\n"
                   ) + residual_table(all_audited)


# --- one model ------------------------------------------------------------------------------------

def design_table(audited):
    rows = []
    for equal, audit in audited.audits.items():
        for name, design in audit["designs"].items():
            if name == "shiftadd" and equal != "area":
                continue  # it is the one that baselines are made equal to
            bounds = ", ".join(f"{resource.replace('_', ' ')} {percent(100 * share)}"
                               for resource, share in design["time_bound_by"].items() if share > 0)
            rows.append([DESIGNS[name], "itself" if name == "shiftadd" else EQUAL[equal],
                         design["format"], bounds, significant(design["stored_bits_a_weight"]),
                         f"{design['rows']} x {design['columns']}", significant(design["area_mm2"])])
    return table(["design", "baseline of", "format", "time bound by", "stored bits a weight", "array",
                  "area (mm2)"], rows, 4)


def steps_table(audit, figure, unit):
    rows = []
    for step in audit["steps"]:
        key = f"{figure}_{'j' if unit == 'J' else 's'}"
        rows.append([step["title"], *(si(step["designs"][name][key], unit) for name in DESIGNS),
                     percent(step[f"{figure}_saving_vs_fp16_percent"]),
                     percent(step[f"{figure}_saving_vs_optq_percent"]),
                     significant(step[f"{figure}_compression_factor"]),
                     significant(step[f"{figure}_multiplication_free_factor"])])
    return table([f"{figure} after", *DESIGNS.values(), "saved against FP16", "against OPTQ",
                  "compression", "multiplication-free"], rows)


def components_table(audited):
    """Where the difference to the same bits lies after the last step."""
    rows = []
    for part in [*audited.last("area")["designs"]["optq"]["energy_by_component_j"], "all"]:
        cells = [part]
        for equal in EQUAL:
            designs = audited.last(equal)["designs"]
            total = designs["optq"]["energy_j"]
            optq, shiftadd = (
                designs[name]["energy_j"] if part == "all"
                else designs[name]["energy_by_component_j"][part] for name in ("optq", "shiftadd"))
            cells += [si(optq, "J"), si(shiftadd, "J"), si(optq - shiftadd, "J"),
                      percent(100 * (optq - shiftadd) / total, 2)]
        rows.append(cells)
    heads = ["energy at the end"]
    for equal in EQUAL.values():
        heads += [f"OPTQ, {equal}", "ShiftAddLLM", "OPTQ - ShiftAddLLM", "of OPTQ's energy"]
    return table(heads, rows)


def residual_components_table(audit):
    before = audit["steps"][-2]["designs"]
    rows = []
    for name, residual in audit["residual"].items():
        parts = residual["energy_by_component_j"].values()
        rows.append([DESIGNS[name], percent(residual["energy_percent"]),
                     *(percent(100 * part / before[name]["energy_j"], 2) for part in parts),
                     percent(residual["latency_percent"])])
    parts = next(iter(audit["residual"].values()))["energy_by_component_j"]
    return table(["residual", "energy", *(f"of it {part}" for part in parts), "latency"], rows)


def left(audited, equal):
    energy_fp16, energy_optq, latency_fp16, latency_optq = audited.savings(equal)
    return (f"{energy_fp16} % of the energy and {latency_fp16} % of the latency of FP16, {energy_optq} % "
            f"of the energy and {latency_optq} % of the latency of the same bits on multipliers")


def one(audited):
    audit = audited.audits["area"]
    claimed = f"The paper claims {claims(audited)} of FP16's energy. " if audited.claims else ""
    text = (f"### {audited.model}, {audited.bits} bits, {audited.keys} keys\n\n{claimed}At the end "
            f"ShiftAddLLM saves, with baselines of equal area, {left(audited, 'area')}; with baselines "
            f"of equal throughput, {left(audited, 'throughput')}.\n\n")
    return text + "\n".join([
        design_table(audited), components_table(audited),
        "Steps, with baselines of equal area. FP16 over ShiftAddLLM is the factor of compression "
        "times the multiplication-free one.\n",
        steps_table(audit, "energy", "J"), steps_table(audit, "latency", "s"),
        residual_components_table(audit)])


def details(all_audited):
    text = "## Audits step by step\n\n" + "\n".join(map(one, all_audited))
    steps = [f"- {step['title']}: {step['what']}"
             for step in all_audited[0].audits["area"]["steps"]]
    return text + "\nSteps:\n\n" + "\n".join(steps) + "\n"


# --- memory ---------------------------------------------------------------------------------------

def memory_cell(value, decimals):
    return "-" if value is None else fixed(value, decimals)


def memory(all_audits):
    text = "## The memory claim, made physical\n\nGiB; savings in per cent.\n"
    for audit in all_audits:
        designs = list(audit["steps"][0]["designs"])
        savings = [(design, key) for design, found in audit["steps"][0]["savings"].items()
                   for key in found if design.startswith("shiftadd")]
        against = {"fp16_percent": "FP16", "same_bits_percent": "same bits"}
        heads = [f"{audit['model']}, after", *designs,
                 *(f"{design} against {against[key]}" for design, key in savings)]
        rows = [[step["title"],
                 *(memory_cell(step["designs"][design]["memory_gib"], 2) for design in designs),
                 *(memory_cell(step["savings"][design][key], 1) for design, key in savings)]
                for step in audit["steps"]]
        text += "\n" + table(heads, rows)
    steps = [f"- {step['title']}: {step['what']}" for step in all_audits[0]["steps"]]
    return text + "\nSteps:\n\n" + "\n".join(steps) + "\n"
