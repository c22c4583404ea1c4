"""What parameters and secrets may say, by chance.

values.py make SEED ROUND: a JSON object {parameters, secret, refused} on standard output: values for parameters that the step
`release` reads, variables of the environment secret, and whether the step has to refuse them.
values.py check FILE: on a node that took the values of FILE, whether the environment file says just that.
"""
import json
import random
import re
import sys

# Parameters that go into the environment as they are, and the variable of each.
PLAIN = {"storage/assets-bucket": "ASSETS_BUCKET", "storage/uploads-bucket": "UPLOADS_BUCKET", "shards/user": "SHARDS_USER"}
PLAIN |= {"shards/map-table": "SHARD_MAP_TABLE", "wide-columns/keyspace": "WIDE_COLUMNS_KEYSPACE", "graph/port": "GRAPH_PORT"}
PLAIN |= {"queues/mail-out": "QUEUE_MAIL_OUT_URL", "tables/by-kind": "TABLE_BY_KIND", "cache/endpoint": "CACHE_HOST"}
# Those that become a part of something else, with a value that they may have.
PARTS = {"database/endpoint": "db.test", "database/port": "5432", "database/name": "app", "documents/endpoint": "docs.test"}

HARMLESS = ["a", "$(touch /root/owned)", "`touch /root/owned`", "${PATH}", "a;b", "a'b", 'a"b', "a\\", "\\\"", "%n%i", "$$", "a b ", " a"]
HARMLESS += ["#a", "=a", "User=root", "\u00e9\u20ac", "\U0001f600", "x" * 3000, "--help", "*", "~", "&", "a\\nb", "\\x0a"]
CONTROL = ["a\nUser=root", "a\n/beamstalk/gate/release/uri\t=s3://x/y.tar.gz", "\n", "a\tb", "a\rb", "\x1b[2J", "a\x7f", "\x85", "\u2028"]
TEXTS = HARMLESS + ["a\nUser=root\n", "tab\tb", '"\nX="y', "-----BEGIN X-----\nAAAA\n-----END X-----\n"]
NOT_TEXTS = ["a\rb", "\x1b[2J", "a\x7f", "\x85", "\x01"]


def make(seed, number):
    chance = random.Random(seed * 1000 + number)
    # One round in three is all harmless, so that not everything may be refused.
    hostile = number % 3
    parameters = {name: chance.choice(HARMLESS) for name in PLAIN}
    secret = {f"TEXT_{index}": chance.choice(TEXTS) for index in range(8)}
    refused = False
    if hostile == 1:
        kind = chance.randrange(2)
        if kind == 0:
            parameters[chance.choice(list(PLAIN))] = chance.choice(CONTROL)
        else:
            parameters |= PARTS | {chance.choice(list(PARTS)): "a" + chance.choice([value for value in HARMLESS if value not in ("a", "--help")])}
        refused = True
    elif hostile == 2:
        if chance.randrange(2):
            secret["TEXT_9"] = chance.choice(NOT_TEXTS)
        else:
            secret[chance.choice(["a b", "X=1", "", "1X", "X\nUser", "caf\u00e9", "X-Y", "$(x)"])] = "a"
        refused = True
    json.dump({"parameters": parameters, "secret": secret, "refused": refused}, sys.stdout)


def check(file):
    wanted = json.load(open(file))
    # The grammar of systemd's double quotes, read here for itself.
    text, found, at = open("/etc/beamstalk/release.env", encoding="utf-8", newline="").read(), {}, 0
    while at < len(text):
        line = re.compile(r'(\w+)="((?:[^"\\$`]|\\[\\"$`])*)"\n').match(text, at)
        if line is None:
            sys.exit(f"no variable at {text[at : at + 80]!r}")
        found[line[1]] = re.sub(r"\\(.)", r"\1", line[2])
        at = line.end()
    expected = {PLAIN[name]: value for name, value in wanted["parameters"].items() if name in PLAIN} | wanted["secret"]
    wrong = {name: (value, found.get(name)) for name, value in expected.items() if found.get(name) != value}
    if wrong:
        sys.exit(f"wanted and found: {wrong}")


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check(sys.argv[2])
