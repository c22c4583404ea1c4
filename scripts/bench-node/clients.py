"""Clients of the bench: connections that are opened and counted elsewhere, and WebSockets that are held and pinged."""
import errno
import os
import pickle
import random
import select
import signal
import socket
import struct
import time

RESET = struct.pack("ii", 1, 0)
UPGRADE = (
    "GET /socket HTTP/1.1\r\nhost: bench\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
).encode()
# Frames of a client, whose mask of zeros leaves a payload as it is.
PONG = b"\x8a\x80\0\0\0\0"
TEXT = b"\x81\x84\0\0\0\0ping"
ECHO = b"\x81\x04ping"
PING_OF_NODE = b"\x89\x00"
#: Upgrades under way at once, over all.
OPENING_AT_ONCE = 200
#: Addresses that connections to a node come from. One has 28,232 ports, and a connect takes a millisecond once half of them
#: are taken (`perf`, 2026-11-30): the bench would measure its own search for a port.
SOURCES = 64
IP_BIND_ADDRESS_NO_PORT = 24


def connection(address, port, network, number):
    """A connection under way: the numberth of this network, 127.network.0.0."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setblocking(False)
    # The port is chosen with the destination known, so that each source has all of them for each node.
    one.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    one.bind((f"127.{network}.0.{1 + number % SOURCES}", 0))
    failed = one.connect_ex((address, port))
    if failed not in (0, errno.EINPROGRESS):
        one.close()
        raise OSError(failed, os.strerror(failed))
    return one


def begin_connections(opened, count, address, port):
    for number in range(len(opened), len(opened) + count):
        opened.append(connection(address, port, 99, number))


def close_at_once(opened):
    """Resets, so that no port waits for a minute."""
    for one in opened:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.close()
    opened.clear()


class Holder:
    """A process that opens WebSockets to one node from an address of its own, and holds them."""

    def __init__(self, address, port, number, count, limit_seconds):
        here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            here.close()
            try:
                hold(there, address, port, 100 + number, count, limit_seconds)
            finally:
                os._exit(0)
        there.close()
        self.channel = here.makefile("rwb")

    def result(self):
        return pickle.load(self.channel)

    def ping(self, per_second, seconds):
        pickle.dump((per_second, seconds), self.channel)
        self.channel.flush()

    def stop(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def hold(channel, address, port, network, count, limit_seconds):
    poll = select.epoll()
    clients = {}
    told = channel.makefile("rwb")
    open_all(poll, clients, address, port, network, count, time.monotonic() + limit_seconds)
    pickle.dump(len(clients), told)
    told.flush()
    poll.register(channel.fileno(), select.EPOLLIN)
    while True:
        for number, _ in poll.poll():
            if number == channel.fileno():
                per_second, seconds = pickle.load(told)
                poll.unregister(channel.fileno())
                latencies = ping(poll, clients, per_second, seconds)
                pickle.dump((latencies, len(clients)), told)
                told.flush()
                poll.register(channel.fileno(), select.EPOLLIN)
            elif number in clients:
                answer(poll, clients, number)


def open_all(poll, clients, address, port, network, count, deadline):
    under_way = {}
    begun = 0
    while len(clients) < count and time.monotonic() < deadline:
        while begun < count and len(under_way) < OPENING_AT_ONCE:
            one = connection(address, port, network, begun)
            under_way[one.fileno()] = one
            poll.register(one.fileno(), select.EPOLLOUT)
            begun += 1
        if not under_way:
            break
        for number, event in poll.poll(0.1):
            if number in clients:
                answer(poll, clients, number)
                continue
            one = under_way[number]
            try:
                if event & select.EPOLLOUT and not event & (select.EPOLLERR | select.EPOLLHUP):
                    one.send(UPGRADE)
                    poll.modify(number, select.EPOLLIN)
                    continue
                data = one.recv(4096)
            except OSError:
                data = b""
            del under_way[number]
            if data.startswith(b"HTTP/1.1 101"):
                clients[number] = one
            else:
                poll.unregister(number)
                one.close()
    for number, one in under_way.items():
        poll.unregister(number)
        one.close()


def answer(poll, clients, number):
    """Takes what a node sends: true for the echo of a ping of ours. Whom the node closes is forgotten."""
    one = clients[number]
    try:
        data = one.recv(4096)
    except OSError:
        data = b""
    if data == b"":
        poll.unregister(number)
        clients.pop(number).close()
        return False
    if PING_OF_NODE in data:
        one.send(PONG)
    return ECHO in data


def ping(poll, clients, per_second, seconds):
    """Sends at an even pace whatever comes back; a latency counts from when its ping was due."""
    numbers = random.sample(sorted(clients), len(clients))
    due_of, latencies = {}, []
    began = time.monotonic()
    end = began + seconds
    sent = 0
    while True:
        now = time.monotonic()
        if now >= end + 2 or (now >= end and not due_of):
            return latencies
        while now < end and (due := began + sent / per_second) <= now and numbers:
            number = numbers[sent % len(numbers)]
            sent += 1
            # Passes over clients that still wait for an answer, and those that have gone.
            if number in clients and number not in due_of:
                due_of[number] = due
                clients[number].send(TEXT)
        wait = max(0.0, min(end + 2, began + sent / per_second if now < end else end + 2) - time.monotonic())
        for number, _ in poll.poll(wait):
            if answer(poll, clients, number) and number in due_of:
                latencies.append(time.monotonic() - due_of.pop(number))
