# SPDX-License-Identifier: Apache-2.0
"""The language of filters: SQL expressions over keys and columns, as sim/sweep/expression.cpp reads them."""
import re

# Words of the language; a key is none of them.
WORDS = set("and or not in between like is null case when then else end cast as glob integer real "
            "text".split())
# Others may give another value each time, or touch more than a row.
FUNCTIONS = ["min", "max", "abs", "round"]
TOKEN = re.compile(r"""(?P<text>'[^']*')|"(?P<quoted>[^"]*)"|(?P<open>['"])|"""
                   r"(?P<name>[A-Za-z_](?:[\w.]|\[[^\]]*\])*)(?P<called>(?=[ ]*\())?|"
                   r"(?P<number>\d(?:(?<=[eE])[+-]|[\w.])*)|(?P<pair>\|\||&&)", re.ASCII)


def named_words(expression):
    """An expression with each key and column in double quotes, and these, each once. Raises ValueError
    where it is none."""
    names = {}

    def read(match):
        text = match.group(0)
        if match["open"]:
            raise ValueError(f"a {text} without its end")
        if match["pair"]:
            raise ValueError(f"found '{text}'; allowed: and, or")
        if match["quoted"] is not None:
            names[match["quoted"]] = None
        if match["name"] is None or text.lower() in WORDS:
            return text
        if match["called"] is not None:
            if text.lower() not in FUNCTIONS:
                raise ValueError(f"found the function {text}; allowed: {', '.join(FUNCTIONS)}")
            return text
        names[text] = None
        quoted = text.replace('"', '""')
        return f'"{quoted}"'
    return TOKEN.sub(read, expression), list(names)
