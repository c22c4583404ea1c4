"""A target group, and the load balancer before it: HAProxy, whose servers follow the state of the targets through its socket.

As an Application Load Balancer does: only what is healthy gets requests; what is deregistered gets no new ones, keeps those that
it has, and is forgotten after the deregistration delay, also when it has none any more. Nothing that was sent to a target is sent again.
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
(2026-11-30)
"""
import csv
import os
import socket
import threading
import time
import urllib.request

# Those of lib/constructs/ingress/http-front.ts, in a tenth of their time, but for the delay: a node that waited for its end would take
# longer than a rollout may.
INTERVAL_SECONDS, TIMEOUT_SECONDS = 1, 5
HEALTHY_AFTER, UNHEALTHY_AFTER = 2, 3
DELAY_SECONDS = 600
# Servers that the configuration of HAProxy has: node1 and on.
SLOTS = 4
HAPROXY_STATES = {"healthy": "ready", "draining": "drain", "unhealthy": "drain", "initial": "maint", "unused": "maint"}


class Target:
    def __init__(self, server, url):
        self.server, self.url = server, url
        self.state, self.since, self.good, self.bad, self.shown = "initial", 0.0, 0, 0, ""


class TargetGroup:
    def __init__(self, state, fleet, port, path):
        self.folder, self.fleet, self.port, self.path = state, fleet, port, path
        self.targets, self.lock = {}, threading.Lock()
        threading.Thread(target=self.watch, daemon=True).start()

    def note(self, id, text):
        """A line about a target, for the gate to read."""
        with open(f"{self.folder}/targets", "a") as file:
            file.write(f"{id} {text}\n")

    def register(self, id):
        node = self.fleet.node(id)
        with self.lock:
            target = self.targets.get(id)
            if target is None:
                free = set(range(1, SLOTS + 1)) - {int(other.server[4:]) for other in self.targets.values()}
                target = Target(f"node{min(free)}", f"http://{node.address}:{self.port}{self.path}")
                self.haproxy(f"set server app/{target.server} addr {node.address} port {self.port}")
                self.targets[id] = target
            target.state, target.good, target.bad = "initial", 0, 0
            self.show(target)
        self.note(id, f"registered {'well' if self.answers(target) else 'ill'}")

    def deregister(self, id):
        with self.lock:
            target = self.targets.get(id)
            if target is None or target.state == "draining":
                return
            target.state, target.since = "draining", time.monotonic()
            self.show(target)
        self.note(id, "deregistered")

    def state(self, id):
        with self.lock:
            return self.targets[id].state if id in self.targets else "unused"

    def watch(self):
        while True:
            with self.lock:
                now = list(self.targets.items())
            for id, target in now:
                self.look(id, target)
            time.sleep(INTERVAL_SECONDS)

    def look(self, id, target):
        if self.fleet.node(id) is None:
            # An instance that has ended is forgotten, whatever was on its way to it.
            with self.lock:
                target.state = "unused"
                self.show(target)
                del self.targets[id]
            return
        well = self.answers(target)
        with self.lock:
            if target.state == "draining":
                if not well and (left := self.sessions(target)):
                    self.note(id, f"stopped with {left} sessions")
                if time.monotonic() - target.since >= DELAY_SECONDS:
                    target.state = "unused"
                    self.show(target)
                    del self.targets[id]
                    self.note(id, "unused")
                return
            target.good, target.bad = (target.good + 1, 0) if well else (0, target.bad + 1)
            if target.good >= HEALTHY_AFTER and target.state != "healthy":
                target.state = "healthy"
                self.note(id, "healthy")
            if target.bad >= UNHEALTHY_AFTER and target.state == "healthy":
                target.state = "unhealthy"
                self.note(id, "unhealthy")
            self.show(target)

    @staticmethod
    def answers(target):
        try:
            with urllib.request.urlopen(target.url, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status < 400
        except OSError:
            return False

    def show(self, target):
        wanted = HAPROXY_STATES[target.state]
        if wanted != target.shown:
            self.haproxy(f"set server app/{target.server} state {wanted}")
            target.shown = wanted

    def sessions(self, target):
        """Requests and WebSockets that HAProxy has open to a target; a connection that it keeps for later is none."""
        rows = csv.DictReader(self.asked("show stat").removeprefix("# ").splitlines())
        return next(int(row["scur"]) for row in rows if (row["pxname"], row["svname"]) == ("app", target.server))

    def asked(self, command):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.path.join(self.folder, "haproxy"))
            connection.sendall(f"{command}\n".encode())
            return connection.makefile().read().strip()

    def haproxy(self, command):
        """HAProxy answers what it does not understand, and nothing else."""
        answer = self.asked(command)
        if answer and "changed" not in answer and "no need" not in answer:
            self.note("haproxy", f"says of `{command}`: {answer}")
