# SPDX-License-Identifier: Apache-2.0
"""Numbers and tables of the generated pages."""

DIGITS = 4  # of simulated values: what two compilers may do differently is far below


def significant(value):
    """DIGITS significant digits without an exponent."""
    if value == 0:
        return "0"
    exponent = int(f"{value:.{DIGITS - 1}e}".split("e")[1])
    return f"{value:.{max(0, DIGITS - 1 - exponent)}f}"


def fixed(value, decimals):
    """Without the sign of what rounds to nothing."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def percent(value, decimals=1):
    return f"{fixed(value, decimals)} %"


def si(value, unit):
    if value < 0:
        return f"-{si(-value, unit)}"
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in ((1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "u")):
        if value >= factor * (1 - 0.5 * 10 ** -DIGITS):
            break
    return f"{significant(value / factor)} {prefix}{unit}"


def table(heads, rows, left=1):
    """A Markdown table; the first `left` columns are text."""
    lines = ["| " + " | ".join(heads) + " |",
             "|" + "|".join("---" if i < left else "---:" for i in range(len(heads))) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def in_order(rows, key):
    return list(dict.fromkeys(row[key] for row in rows))
