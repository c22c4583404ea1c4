"""Users of one step, for Locust: visitors that send a request as soon as the one before is answered, and holders of a WebSocket.

Prints what they met as one line of JSON when the step ends.
"""
import json
import time

import gevent
from locust import FastHttpUser, User, constant, events, task
from websocket import WebSocketException, create_connection

ENTRY = "open"
LOST = "lost"
REQUEST = "request"
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


@events.init.add_listener
def _(environment, **_):
    Step.environment = environment
    Visitor.fixed_count = environment.parsed_options.visitors
    Holder.fixed_count = environment.parsed_options.holders


@events.spawning_complete.add_listener
def _(user_count, **_):
    gevent.spawn(measure)


def measure():
    """Lets the step last from when every holder has its answer, so that a slow start is nobody's fault."""
    environment = Step.environment
    options, stats = environment.parsed_options, environment.stats
    with gevent.Timeout(options.patience, False):
        while stats.get(ENTRY, "WS").num_requests < options.holders:
            gevent.sleep(0.05)
    stats.get(REQUEST, "GET").reset()
    Step.began = time.monotonic()
    while (left := options.lasts - (time.monotonic() - Step.began)) > 0:
        due = time.monotonic() + min(left, 0.1)
        gevent.sleep(max(0, due - time.monotonic()))
        Step.late += time.monotonic() - due
    Step.took = time.monotonic() - Step.began
    environment.runner.quit()


class Step:
    """What happens from when all users are there. Locust's own rate has the time of their arrival in its divisor, which is not
    reset with the requests that came in it: `StatsEntry.total_rps` of locust/stats.py 2.47.0 (2026-11-30)."""

    environment = None
    #: Time at which it began, and seconds that it took; None before.
    began = took = None
    #: Visitors with an outcome, requests with a good answer, and those that failed.
    visitors, answered, failed = set(), 0, 0
    #: Seconds by which this program came too late to what it had to do.
    late = 0.0

    @classmethod
    def lasts(cls):
        return cls.began is not None and cls.took is None


class Visitor(FastHttpUser):
    host = "http://unused.invalid"
    wait_time = constant(0)

    def __init__(self, environment):
        # Read before the client is made, which keeps them.
        self.connection_timeout = self.network_timeout = environment.parsed_options.patience
        super().__init__(environment)

    @task
    def visit(self):
        # A redirect may lead to somebody else's.
        answer = self.client.get(self.environment.parsed_options.target, name=REQUEST, allow_redirects=False)
        if not Step.lasts():
            return
        Step.visitors.add(id(self))
        if getattr(answer, "error", None) is None:
            Step.answered += 1
        else:
            Step.failed += 1


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
                if self.socket.recv() == "":
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
    of = {name: stats.get(name, kind) for name, kind in ((REQUEST, "GET"), (ENTRY, "WS"), (LOST, "WS"))}
    requests, entry = of[REQUEST], of[ENTRY]
    failures = sorted(stats.errors.values(), key=lambda one: one.occurrences, reverse=True)
    print(
        "\n"
        + json.dumps(
            {
                "requests": Step.answered + Step.failed,
                "failures": Step.failed,
                # Before it began there were no answers that count.
                "perSecond": Step.answered / (Step.took or 1),
                "p99Ms": requests.get_response_time_percentile(0.99) or 0,
                "opened": entry.num_requests - entry.num_failures,
                "lost": of[LOST].num_failures,
                "failure": str(failures[0].error).split(" -+-+- ")[0] if failures else None,
                "visited": len(Step.visitors),
                "breathless": Step.late > BREATHLESS_SHARE * environment.parsed_options.lasts,
            }
        ),
        flush=True,
    )
    environment.process_exit_code = 0
