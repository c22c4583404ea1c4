"""migrate.py PROGRAM SECONDS: runs PROGRAM, for at most so many seconds, while a session of psql holds an advisory lock in each database that the environment names
by DATABASE_URL or DATABASE_<FUNCTION>_URL. Ends with the status of the program; 1 when a lock cannot be had, or did not last.

Two rollouts cannot migrate at the same time, and the lock of one that died is gone with its session:
https://www.postgresql.org/docs/17/explicit-locking.html#ADVISORY-LOCKS (2026-11-29)
"""
import os
import re
import signal
import subprocess
import sys
import urllib.parse

# A number that nothing else is likely to take. It is part of what two versions of this file have in common: it stays.
LOCK = 1829445530
# A rollout that waits for longer has another one before it that hangs.
LOCK_SECONDS = 600
SECONDS = int(sys.argv[2])


def settings(url):
    """The environment of psql: a URL among its arguments would show the password to every user of the machine."""
    parts = urllib.parse.urlsplit(url)
    unquote = urllib.parse.unquote
    values = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "migration lock",
    }
    if os.environ.get("DATABASE_SSL") == "true":
        values["PGSSLMODE"] = "verify-full"
        values["PGSSLROOTCERT"] = os.environ.get("DATABASE_CA_FILE", "system")
    return values


def databases():
    """URL of each database: of the one, and of those that come with a secret. Others are the application's own names for
    the same, perhaps by way of a pooler, where a second session would wait for the first."""
    found = {}
    for name, value in sorted(os.environ.items()):
        of = re.fullmatch(r"(DATABASE(?:_[A-Z0-9_]+)?)_URL", name)
        if not of or not (name == "DATABASE_URL" or f"{of[1]}_SECRET_ARN" in os.environ):
            continue
        parts = urllib.parse.urlsplit(value)
        if parts.scheme in ("postgres", "postgresql"):
            found.setdefault((parts.hostname, parts.port or 5432, parts.path), value)
    return [found[key] for key in sorted(found, key=str)]


def held(url):
    """A session that holds the lock, or None."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8", **settings(url)}
    session = subprocess.Popen(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    session.stdin.write(f"SET lock_timeout = '{LOCK_SECONDS}s';\nSELECT pg_advisory_lock({LOCK});\n\\echo locked\n")
    session.stdin.flush()
    for line in session.stdout:
        if line.strip() == "locked":
            return session
    session.wait()
    return None


def was_kept(session):
    """Ends a session; whether it has lasted until now. A psql that waits for its next statement does not notice that its server
    has ended the connection: it is asked something, and ends with another code than 0 when nobody answers."""
    try:
        session.communicate("SELECT 1;\n", timeout=30)
    except subprocess.TimeoutExpired:
        session.kill()
        session.wait()
    return session.returncode == 0


def main(program):
    sessions = []
    # In one order, or two rollouts would wait for each other.
    for url in databases():
        session = held(url)
        if session is None:
            print(f"the lock of database {urllib.parse.urlsplit(url).path.lstrip('/')} cannot be had", file=sys.stderr)
            return 1
        sessions.append(session)
    process = subprocess.Popen([program], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        status = process.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        # All of it, while the lock is held.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(f"it did not end in {SECONDS} s", file=sys.stderr)
        status = 1
    kept = [was_kept(session) for session in sessions]
    if status == 0 and not all(kept):
        print("the lock was lost while the migration ran", file=sys.stderr)
        return 1
    return status if status >= 0 else 128 - status


sys.exit(main(sys.argv[1]))
