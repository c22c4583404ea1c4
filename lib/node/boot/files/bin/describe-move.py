"""describe-move.py: writes the description of a move (docs/moving.md) on standard output. Standard input has NAME and VALUE in turn,
each with a NUL behind it: no argument and no file of before holds a password.
"""
import json
import sys

words = sys.stdin.buffer.read().decode("utf-8").split("\0")[:-1]
given = dict(zip(words[::2], words[1::2]))
settings = json.loads(given["settings"])


def login(name):
    secret = json.loads(given[name])
    return {"user": given.get(f"{name}.user", secret["username"]), "password": secret["password"]}


def side(name):
    return {
        **{key: given[f"{name}.{key}"] for key in ("title", "host", "database", "authority")},
        "port": int(given[f"{name}.port"]),
        "administrator": login(f"{name}.administrator"),
        "owner": login(f"{name}.owner"),
    }


json.dump(
    {
        "id": given["id"],
        "source": side("source"),
        "target": side("target"),
        "programs": {"pgDump": f"{given['programs']}/pg_dump", "pgRestore": f"{given['programs']}/pg_restore"},
        "announce": {
            **{key: given[key] for key in ("parameter", "region", "endpoint")},
            "source": given["before"],
            "target": given["after"],
        },
        **{key: settings[key] for key in ("tables", "accepted", "limits") if key in settings},
    },
    sys.stdout,
)
