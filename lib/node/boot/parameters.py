"""Reads what Parameter Store answers, a JSON list of {Name, Value} on standard input, and writes it in the one form that
the boot scripts read: a line each, NAME, a tab, `=` and VALUE. A value with a control character has `!` alone in its place:
it would otherwise continue on a line of its own, where it could be taken for another parameter.
"""
import json
import re
import sys

# The characters that Parameter Store allows itself.
# Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html (2026-11-29)
NAME = re.compile(r"(/[A-Za-z0-9_.-]+)+")
# C0, DEL, C1, the line ends of Unicode, and halves of characters.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

for parameter in json.load(sys.stdin):
    name, value = parameter["Name"], parameter["Value"]
    if NAME.fullmatch(name) is None:
        print(f"beamstalk: a parameter is left out: its name is {ascii(name)}", file=sys.stderr)
    else:
        print(f"{name}\t{'!' if CONTROL.search(value) else '=' + value}")
