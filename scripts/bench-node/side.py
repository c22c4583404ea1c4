"""side.py: one side of the bench. Reads what to do as JSON on stdin, and prints what came of it as JSON.

Runs in the Debian root, in a network namespace of its own: kernel settings of the network are this side's alone. Nodes are
counted and measured from outside, by what the kernel knows of their processes, so that a node does nothing for the bench.
"""
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request

from clients import Holder, begin_connections, close_at_once

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")
BOOT_SECONDS = 60
COOKIE = "bench"
PRIORITY = -15
#: Part of a burst by which its rate is reckoned: a last one that the kernel asks again after seconds would hide the others.
NEARLY_ALL = 0.99


class Node:
    """A release under way, by the variables that the platform would give it."""

    def __init__(self, address, port, variables, open_files):
        self.address, self.port = address, port
        environment = {"PATH": "/usr/bin:/bin", "HOME": f"/tmp/{address}", "LANG": "C.UTF-8"}
        environment |= {"PORT": str(port), "PHX_SERVER": "true", "RELEASE_DISTRIBUTION": "name", "RELEASE_COOKIE": COOKIE, "RELEASE_TMP": f"/tmp/{address}", "RELEASE_NODE": f"counter@{address}", **variables}
        os.makedirs(environment["HOME"], exist_ok=True)
        self.log = open(f"/tmp/{address}/log", "wb")
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["/release/bin/counter", "start"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            # The soft limit is what a service gets that asks for none.
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files)),
        )
        self.began = began

    def wait(self):
        while time.monotonic() - self.began < BOOT_SECONDS:
            if self.process.poll() is not None:
                break
            try:
                self.get("/echo?message=up")
                self.boot_ms = round((time.monotonic() - self.began) * 1000)
                # The start script becomes the BEAM.
                self.pid = self.process.pid
                return
            except OSError:
                time.sleep(0.02)
        with open(f"/tmp/{self.address}/log", "rb") as log:
            raise SystemExit(f"the node at {self.address} did not start: {log.read()[-2000:].decode(errors='replace')}")

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}:{self.port}{path}", timeout=5) as answer:
            return answer.read()

    def sockets(self):
        """Open descriptors: Linux tells their number as the size of the folder since 6.2."""
        return os.stat(f"/proc/{self.pid}/fd").st_size or len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident(self):
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE

    def stop(self):
        self.process.kill()
        self.process.wait()


def cpu_seconds(pid):
    """Of all threads of a process, by the scheduler's own books: `stat` counts in hundredths of a second."""
    nanoseconds = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def machine_ticks():
    """Ticks in which the machine's processors were busy, and all of them."""
    with open("/proc/stat") as file:
        user, nice, system, idle, waiting, *more = (int(word) for word in file.readline().split()[1:9])
    busy = user + nice + system + sum(more)
    return busy, busy + idle + waiting


def apply_kernel_settings(lines):
    """Sets what a network namespace has of its own; returns the names of what is the machine's, and left alone."""
    left = []
    for line in lines:
        name, _, value = (part.strip() for part in line.partition("="))
        path = f"/proc/sys/{name.replace('.', '/')}"
        # Beyond the network, settings are never private.
        if not name.startswith("net.") or not os.access(path, os.W_OK):
            left.append(name)
            continue
        try:
            with open(path, "w") as file:
                file.write(value)
        except OSError:
            left.append(name)
    return left


def idle(nodes, seconds):
    before = [cpu_seconds(node.pid) for node in nodes]
    time.sleep(seconds)
    share = sum(cpu_seconds(node.pid) - was for node, was in zip(nodes, before)) / seconds
    return {"cpuPercent": 100 * share, "residentBytes": sum(node.resident() for node in nodes)}


def burst(node, count, in_flight, limit_seconds):
    """Connections that the node has accepted each second until it had nearly all, with so many users that wait at any time."""
    base = node.sockets()
    opened, accepted, most = [], 0, None
    began = time.monotonic()
    deadline = began + limit_seconds
    while accepted < count and time.monotonic() < deadline:
        room = min(in_flight - (len(opened) - accepted), count - len(opened))
        if room > 0:
            begin_connections(opened, min(room, 32), node.address, node.port)
        else:
            time.sleep(0.0005)
        accepted = node.sockets() - base
        if most is None and accepted >= NEARLY_ALL * count:
            most = (accepted, time.monotonic() - began)
    seconds = time.monotonic() - began
    accepted_by_then, until_then = most or (accepted, seconds)
    close_at_once(opened)
    settle(node, base)
    return {"accepted": accepted, "seconds": seconds, "perSecond": accepted_by_then / until_then}


def settle(node, base):
    deadline = time.monotonic() + 20
    while node.sockets() > base + 8 and time.monotonic() < deadline:
        time.sleep(0.05)


def slab_bytes():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Slab:"))


def hold(nodes, control, each, limit_seconds, settle_seconds, pings, ask):
    """WebSockets that stay open over all nodes, what they take, and pings over them at each of several rates. A node that has no
    descriptor left is not asked what it counts: it could not answer."""
    base, resident = [node.sockets() for node in nodes], [node.resident() for node in nodes]
    counted = control.memory(nodes) if ask else 0
    slab = slab_bytes()
    holders = [Holder(node.address, node.port, number, each, limit_seconds) for number, node in enumerate(nodes)]
    began = time.monotonic()
    opened = sum(holder.result() for holder in holders)
    opening = time.monotonic() - began
    # Until idle connections hibernate, and what opening them needed has gone.
    time.sleep(settle_seconds)
    held = sum(node.sockets() - was for node, was in zip(nodes, base))
    told = {
        "wanted": each * len(nodes), "opened": opened, "held": held, "openingSeconds": opening,
        "nodeBytesEach": (control.memory(nodes) - counted) / max(held, 1) if ask else 0,
        "residentBytesEach": sum(node.resident() - was for node, was in zip(nodes, resident)) / max(held, 1),
        # Both ends of each connection are on this machine.
        "kernelBytesEach": (slab_bytes() - slab) / max(2 * held, 1),
    }
    told["pings"] = [pinged(nodes, holders, **rate) for rate in pings]
    for holder in holders:
        holder.stop()
    return told


def pinged(nodes, holders, per_second, seconds):
    before = [cpu_seconds(node.pid) for node in nodes]
    own, (busy, all_of_it) = sum(cpu_seconds(holder.pid) for holder in holders), machine_ticks()
    began = time.monotonic()
    for holder in holders:
        holder.ping(per_second / len(nodes), seconds)
    told = [holder.result() for holder in holders]
    # Waiting for the last answers is no work.
    taken = min(time.monotonic() - began, seconds)
    used = sum(cpu_seconds(node.pid) - was for node, was in zip(nodes, before))
    own = sum(cpu_seconds(holder.pid) for holder in holders) - own
    busy, all_of_it = (after - was for after, was in zip(machine_ticks(), (busy, all_of_it)))
    latencies = sorted(latency for some, _ in told for latency in some)
    return {
        "answered": len(latencies), "asked": round(per_second * seconds), "cpuPercent": 100 * used / taken,
        # Of the machine's processors, by whatever else ran on it.
        "othersPercent": max(0, 100 * (busy - (used + own) * TICKS) / all_of_it),
        "p50Ms": 1000 * part(latencies, 0.5), "p99Ms": 1000 * part(latencies, 0.99),
        "alive": sum(alive for _, alive in told),
    }


def part(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("inf")


class Control:
    """Asks nodes what they count themselves, as a command beside them does (`rpc`): it takes no part in their cluster."""

    def __init__(self, arguments):
        self.arguments = arguments

    def memory(self, nodes):
        names = ",".join(f"'counter@{node.address}'" for node in nodes)
        expression = f'io:format("~b", [lists:sum([erpc:call(N, erlang, memory, [total]) || N <- [{names}]])]), halt().'
        command = ["erl", "-noinput", "-hidden", "-name", "bench@127.0.0.1", "-setcookie", COOKIE, *self.arguments]
        asked = subprocess.run([*command, "-eval", expression], capture_output=True, text=True, timeout=60)
        if not asked.stdout.isdigit():
            raise SystemExit(f"a node does not say how much memory it has: {asked.stdout}{asked.stderr}")
        return int(asked.stdout)


def members(nodes):
    """The least number of nodes that a node is joined with, itself among them."""
    return min(len(json.loads(node.get("/nodes"))["members"]) for node in nodes)


def come_first():
    """Takes the processor before whatever else runs on the machine, or the bench would measure that. Linux shares it among
    sessions first (sched(7), autogroup), and this one is of its own."""
    os.setsid()
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as file:
        file.write(str(PRIORITY))
    os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)


def main():
    order = json.load(sys.stdin)
    come_first()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    left = apply_kernel_settings(order["kernel"])
    nodes = [Node(one["address"], one["port"], one["variables"], order["openFiles"]) for one in order["nodes"]]
    told = {"leftToTheMachine": left, "steps": []}
    try:
        for node in nodes:
            node.wait()
        told["bootMs"] = max(node.boot_ms for node in nodes)
        for step in order["steps"]:
            do, options = step["do"], {name: value for name, value in step.items() if name != "do"}
            if do == "idle":
                told["steps"].append(idle(nodes, **options))
            elif do == "burst":
                told["steps"].append(burst(nodes[0], **options))
            elif do == "hold":
                told["steps"].append(hold(nodes, Control(order["control"]), **options))
            elif do == "members":
                told["steps"].append({"members": members(nodes)})
            else:
                raise SystemExit(f"no step is called {do}")
    finally:
        for node in nodes:
            node.stop()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
