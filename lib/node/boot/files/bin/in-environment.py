"""in-environment.py PROGRAM [ARGUMENT...]: becomes PROGRAM in the environment that file descriptor 3 holds, in the form that
the step `release` writes for systemd: a line NAME="VALUE" each, a backslash before what would be special.
"""
import os
import re
import sys

VARIABLE = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"\n', re.DOTALL)

with os.fdopen(3, encoding="utf-8", newline="") as file:
    text = file.read()
# Variables that systemd gives a service, and the terminal that a shell of the release needs to know.
environment = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
    "USER": "beamstalk",
    "LOGNAME": "beamstalk",
    **{name: value for name, value in os.environ.items() if name == "TERM"},
}
position = 0
while position < len(text):
    variable = VARIABLE.match(text, position)
    if variable is None:
        sys.exit("beamstalk: the environment file of the release is not in the form that this reads")
    environment[variable[1]] = re.sub(r"\\(.)", r"\1", variable[2], flags=re.DOTALL)
    position = variable.end()

os.umask(0o077)
os.chdir(environment["HOME"])
os.execve(sys.argv[1], sys.argv[1:], environment)
