"""Users of one step, for Locust: visitors that send a request as soon as the one before is answered, and holders of a WebSocket.

Prints what they met as one line of JSON when the step ends.
"""
import array
import collections
import json
import math
import os
import sys
import time

import gevent
import gevent.socket
from locust import FastHttpUser, User, constant, events, task
from websocket import ABNF, WebSocketException, create_connection

ENTRY = "open"
LOST = "lost"
REQUEST = "request"
NO_ANSWER = "no answer when the step ended"
#: Share of a step by which this program may be late, waiting for a processor or busy with its own users.
BREATHLESS_SHARE = 0.5


@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--target", default="")
    parser.add_argument("--socket-target", default="")
    parser.add_argument("--visitors", type=int, default=0)
    parser.add_argument("--holders", type=int, default=0)
    parser.add_argument("--patience", type=float, default=10.0)
    parser.add_argument("--lasts", type=float, default=5.0)
    parser.add_argument("--objective", type=float, default=0.5)
    # The step lasts until a line comes on standard input, whose end is that of who started this.
    parser.add_argument("--held", action="store_true")


@events.init.add_listener
def _(environment, **_):
    Step.environment = environment
    gevent.spawn(until_told)
    Visitor.fixed_count = environment.parsed_options.visitors
    Holder.fixed_count = environment.parsed_options.holders


@events.spawning_complete.add_listener
def _(user_count, **_):
    gevent.spawn(measure)


def measure():
    """Lets the step last from when every holder has its answer and every visitor asks, so that a slow start is nobody's fault."""
    environment = Step.environment
    options, stats = environment.parsed_options, environment.stats
    with gevent.Timeout(options.patience, False):
        while stats.get(ENTRY, "WS").num_requests < options.holders or len(Step.begun) < options.visitors:
            gevent.sleep(0.05)
    Step.began = time.monotonic()
    print('\n{"arrived": true}', flush=True)
    while (left := options.lasts - (time.monotonic() - Step.began)) > 0 or (options.held and not Step.told):
        due = time.monotonic() + min(max(left, 0.05), 0.1)
        gevent.sleep(max(0, due - time.monotonic()))
        Step.late += time.monotonic() - due
    Step.end(options.objective)
    environment.runner.quit()


def until_told():
    """Reads the line that lets a held step end. Load that nobody waits for any more ends at once: who started it may have been killed."""
    while True:
        gevent.socket.wait_read(sys.stdin.fileno())
        if not os.read(sys.stdin.fileno(), 100):
            os._exit(1)
        Step.told = True


class Step:
    """What happens from when all users are there. Locust's own rate has the time of their arrival in its divisor, which is not
    reset with the requests that came in it: `StatsEntry.total_rps` of locust/stats.py 2.47.0 (2026-11-30)."""

    environment = None
    #: Time at which it began, and seconds that it took; None before.
    began = took = None
    #: True when who held it needs it no more.
    told = False
    #: Visitors that have asked for the first time.
    begun = set()
    #: Visitors with an outcome, requests with a good answer, and those that failed.
    visitors, answered, failed = set(), 0, 0
    #: Milliseconds that each request took, or had waited by the end. Locust keeps two digits of them: 505 becomes 500.
    took_each = array.array("d")
    #: Seconds of the slowest good answer.
    slowest = 0.0
    #: When the request of each visitor that waits for an answer began.
    under_way = {}
    #: Requests that were under way for longer than the objective at the end: longer than any answer took, and others.
    halted, late_requests = 0, 0
    #: Times of the failures by their words.
    failures = collections.Counter()
    #: Seconds by which this program came too late to what it had to do.
    late = 0.0

    @classmethod
    def lasts(cls):
        return cls.began is not None and cls.took is None

    @classmethod
    def outcome(cls, visitor, seconds, error):
        if not cls.lasts():
            return
        cls.visitors.add(visitor)
        cls.took_each.append(1000 * seconds)
        if error is None:
            cls.answered += 1
            cls.slowest = max(cls.slowest, seconds)
        else:
            cls.failed += 1
            cls.failures[str(error)] += 1

    @classmethod
    def end(cls, objective):
        """Whoever still waits has had no answer for so long: a service that freezes answers nothing, and fails nothing."""
        now = time.monotonic()
        cls.took = now - cls.began
        for age in (now - began for began in cls.under_way.values()):
            if age <= objective:
                continue
            cls.took_each.append(1000 * age)
            if age > cls.slowest:
                cls.halted += 1
            else:
                cls.late_requests += 1
        unanswered = cls.halted + cls.late_requests
        cls.failed += unanswered
        if unanswered > 0:
            cls.failures[NO_ANSWER] += unanswered

    @classmethod
    def percentile(cls, share):
        """The least time within which this share of the requests had their answer."""
        ordered = sorted(cls.took_each)
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


class Visitor(FastHttpUser):
    host = "http://unused.invalid"
    wait_time = constant(0)

    def __init__(self, environment):
        # Read before the client is made, which keeps them.
        self.connection_timeout = self.network_timeout = environment.parsed_options.patience
        super().__init__(environment)

    @task
    def visit(self):
        Step.begun.add(id(self))
        began = Step.under_way[id(self)] = time.monotonic()
        try:
            # A redirect may lead to somebody else's.
            answer = self.client.get(self.environment.parsed_options.target, name=REQUEST, allow_redirects=False)
        finally:
            del Step.under_way[id(self)]
        error = getattr(answer, "error", None)
        if error is None and not 200 <= answer.status_code < 300:
            error = f"code={answer.status_code}"
        Step.outcome(id(self), time.monotonic() - began, error)


class Holder(User):
    wait_time = constant(0)

    def on_start(self):
        options = self.environment.parsed_options
        try:
            self.socket = create_connection(options.socket_target, timeout=options.patience, redirect_limit=0)
            if self.socket.getstatus() != 101:
                raise ConnectionError(f"status {self.socket.getstatus()} instead of an upgrade")
        except (OSError, WebSocketException) as error:
            self.socket = None
            self.told(ENTRY, error)
            return
        self.socket.settimeout(None)
        self.told(ENTRY)

    @task
    def hold(self):
        # A client without a connection does not come again: the others are to be counted.
        while self.socket is None:
            gevent.sleep(60)
        try:
            # Answers the pings of the other side.
            while self.socket.connected:
                # An empty message is none that it ends with.
                opcode, _ = self.socket.recv_data()
                if opcode == ABNF.OPCODE_CLOSE:
                    raise ConnectionError("closed")
        except (OSError, WebSocketException) as error:
            self.socket.shutdown()
            self.socket = None
            self.told(LOST, error)

    def told(self, name, error=None):
        self.environment.events.request.fire(
            request_type="WS", name=name, response_time=0, response_length=0, exception=error, context={}
        )


@events.quitting.add_listener
def _(environment, **_):
    stats = environment.stats
    entry, lost = stats.get(ENTRY, "WS"), stats.get(LOST, "WS")
    for error in stats.errors.values():
        if error.method == "WS":
            Step.failures[str(error.error).split(" -+-+- ")[0]] += error.occurrences
    print(
        "\n"
        + json.dumps(
            {
                "requests": Step.answered + Step.failed,
                "failures": Step.failed,
                "late": Step.late_requests,
                "halted": Step.halted,
                # Before it began there were no answers that count.
                "perSecond": Step.answered / (Step.took or 1),
                "p99Ms": Step.percentile(0.99),
                "opened": entry.num_requests - entry.num_failures,
                "lost": lost.num_failures,
                "failure": Step.failures.most_common(1)[0][0] if Step.failures else None,
                "visited": len(Step.visitors),
                "breathless": Step.late > BREATHLESS_SHARE * (Step.took or 1),
            }
        ),
        flush=True,
    )
    environment.process_exit_code = 0
