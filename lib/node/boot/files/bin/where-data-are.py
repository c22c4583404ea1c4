"""where-data-are.py ENDPOINT REGION ENVIRONMENT SECONDS KNOWN NUMBERS: asks Parameter Store about once a second where the data of the
databases are, until that is not what is KNOWN, or for at most so many seconds; with 0 it does not ask. Prints where they are,
`TOPIC=PLACE` with a space between two, on a second line, as JSON, the variables by which a release reaches them there, and on a
third one the numbers of the switches that brought them there, `TOPIC=NUMBER`, as far as they have any. An earlier switch than
that of NUMBERS, which has the same form, is one whose word came late, and counts for nothing.

Standard input says of each topic its places, and how its data are reached in each: lines of four words with tabs between:
topic, place, end of a variable's name, value. A line without a place holds the places of its topic instead.

One process that asks, because a start of AWS's command line takes a second of a core.
"""
import datetime
import http.client
import json
import os
import random
import re
import sys
import time
import urllib.parse

# Isolated, a program does not look for modules beside itself; and it leaves nothing there, which would be another bundle.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from signature import credentials, signed

# Between two questions. 40 a second are answered to a whole account and region unless it pays for more, so that a fleet of
# many nodes asks less often: each time that it is too much for half as long again, by turns of chance, and a little sooner
# after each answer.
# Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html (2026-11-30) for whom the
# limit is of; the number by a quotation of AWS's page of quotas from 2022, assumed to be that of today.
SHORTEST, LONGEST = 0.8, 15.0
MOST_NAMES = 10
TIMEOUT = 5


class Refused(Exception):
    """Nobody answered, or not with what was asked for."""


class ParameterStore:
    """Parameters by their names, over one connection."""

    def __init__(self, endpoint, region):
        self.url = urllib.parse.urlsplit(endpoint)
        self.region, self.connection, self.identity = region, None, None

    def values(self, names):
        found = {}
        for at in range(0, len(names), MOST_NAMES):
            answer = self.ask(json.dumps({"Names": names[at : at + MOST_NAMES]}).encode())
            found.update({one["Name"]: one["Value"] for one in answer["Parameters"]})
        return found

    def ask(self, body):
        try:
            # Others are there minutes before those of an instance end.
            if self.identity is None or self.identity[3] < time.time() + 120:
                self.identity = credentials()
            if self.connection is None:
                kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
                self.connection = kind(self.url.netloc, timeout=TIMEOUT)
            now = datetime.datetime.now(datetime.timezone.utc)
            call = {"content-type": "application/x-amz-json-1.1", "host": self.url.netloc, "x-amz-target": "AmazonSSM.GetParameters"}
            self.connection.request("POST", "/", body, signed("ssm", self.region, call, body, self.identity, now))
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise Refused(f"{answer.status} {text[:200]!r}")
            return json.loads(text)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            self.forget()
            raise Refused(repr(error)) from error
        except Refused:
            self.forget()
            raise

    def forget(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.identity = None


def read_ways(lines):
    """Places of each topic, and of each place the ends of variables with their values."""
    places, ways = {}, {}
    for line in lines:
        topic, place, word, value = line.rstrip("\n").split("\t")
        if place:
            ways.setdefault((topic, place), {})[word] = value
        else:
            places[topic] = value.split()
    return places, ways


def variables(state, ways):
    """What a release finds in its environment when it starts."""
    found, single = {}, ways.get(("database", state.get("database")), {})
    for topic, place in state.items():
        reached = {**single} if place == "shared" else ways[topic, place]
        beginning = re.sub("[/-]", "_", topic).upper()
        found.update({f"{beginning}_{word}": value for word, value in reached.items() if word != "SSL"})
    return {**found, "DATABASE_SSL": single.get("SSL", "true")}


def said(value, places):
    """Place and number of the switch that a parameter tells (lib/climb/said-place.ts); nothing for a word that is nobody's place."""
    found = re.fullmatch(r"(\S+)(?: (\d{1,12})\.(\d{1,9}))?", value)
    if found is None or found[1] not in places:
        return None
    return found[1], (int(found[2]), int(found[3])) if found[2] else None


def heard(state, numbers, values, places):
    """State and numbers after an answer: topics whose words are no place, or came late, stay as they are. A topic of which nothing is said is
    where it was before a climb, unless a switch was heard of, which no silence takes back. A place without a number is a person's word:
    whatever switch comes after it counts, with a smaller number too."""
    state, numbers = {**state}, {**numbers}
    for topic, of in places.items():
        if topic not in values:
            if len(of) > 1 and topic not in numbers:
                state[topic] = of[0]
            continue
        found = said(values[topic], places[topic])
        if found is None:
            continue
        place, number = found
        if number is None:
            numbers.pop(topic, None)
        elif number < numbers.get(topic, number):
            continue
        else:
            numbers[topic] = number
        state[topic] = place
    return state, numbers


def pairs(text):
    return dict(word.split("=") for word in text.split())


def told(state, ways, numbers):
    print(" ".join(f"{topic}={place}" for topic, place in state.items()))
    print(json.dumps(variables(state, ways), sort_keys=True))
    print(" ".join(f"{topic}={begun}.{epoch}" for topic, (begun, epoch) in numbers.items()))


def main(endpoint, region, environment, seconds, known, numbers):
    places, ways = read_ways(sys.stdin)
    was = pairs(known)
    numbers = {topic: tuple(map(int, number.split("."))) for topic, number in pairs(numbers).items() if topic in places}
    # A place that nobody has said yet is that of before a climb.
    state = {topic: was.get(topic, of[0]) for topic, of in places.items()}
    topics = [topic for topic, of in places.items() if len(of) > 1]
    names = {f"/beamstalk/{environment}/{topic}/source": topic for topic in topics}
    store = ParameterStore(endpoint, region)
    ends, pause, complained = time.monotonic() + float(seconds), SHORTEST, False
    while float(seconds) > 0 and time.monotonic() < ends:
        try:
            values = store.values(list(names))
            before = state
            state, numbers = heard(state, numbers, {topic: values[name] for name, topic in names.items() if name in values}, places)
            if state != before or set(was) != set(state):
                break
            pause, complained = max(SHORTEST, pause * 0.9), False
        except Refused as refused:
            pause = min(LONGEST, pause * 1.5)
            if not complained:
                print(f"beamstalk: nobody says where the data are: {refused}", file=sys.stderr, flush=True)
            complained = True
        time.sleep(pause * random.uniform(0.8, 1.2))
    told(state, ways, numbers)


if __name__ == "__main__":
    main(*sys.argv[1:])
