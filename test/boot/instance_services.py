"""instance_services.py STATE: what every instance finds on its own loopback: instance metadata (1338), and a resolver (53).

State lies in a folder of plain files so that the gate's shell can set and read it: `instance`, `address` and `lifecycle` (of the
node that asks), `endpoint` (address of the application's load balancer), `names` and `withheld` (what the resolver knows).
Every name that is asked for and not known by heart is a line in `asked-for`.
"""
import http.server
import socket
import socketserver
import sys
import threading

(STATE,) = sys.argv[1:]
TOKEN = "metadata-token"
MAC = "02:42:ac:11:00:02"


def read(name):
    try:
        with open(f"{STATE}/{name}") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


class Metadata(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        wanted = self.path == "/latest/api/token" and self.headers["X-aws-ec2-metadata-token-ttl-seconds"]
        self.answer(200 if wanted else 400, TOKEN if wanted else "")

    def do_GET(self):
        # Version 2 only: as on our nodes, nothing without a token.
        if self.headers["X-aws-ec2-metadata-token"] != TOKEN:
            return self.answer(401)
        paths = {
            "instance-id": read("instance"),
            "local-ipv4": read("address") or "127.0.0.1",
            "mac": MAC,
            f"network/interfaces/macs/{MAC}/vpc-ipv4-cidr-blocks": "10.9.0.0/16\n10.8.0.0/16",
            "autoscaling/target-lifecycle-state": read("lifecycle") or "InService",
        }
        value = paths.get(self.path.removeprefix("/latest/meta-data/"))
        self.answer(404) if value is None else self.answer(200, value)

    def log_message(self, *_):
        pass


class Resolver(socketserver.BaseRequestHandler):
    """Knows the load balancer and the names of `names`, a line `<name> <IPv4 address or -> <IPv6 address or ->` each, with
    the buckets below those of S3; and no other name. A name in `withheld` is taken away."""

    A, AAAA = b"\0\1", b"\0\x1c"

    def handle(self):
        query, sock = self.request
        end = query.index(0, 12) + 5
        question, kind = query[12:end], query[end - 4 : end - 2]
        addresses = self.addresses(self.name(question))
        answers, count = b"", 0
        for family, of, size in ((socket.AF_INET, self.A, b"\0\4"), (socket.AF_INET6, self.AAAA, b"\0\x10")):
            for address in addresses or []:
                if of == kind and (":" in address) == (family == socket.AF_INET6):
                    answers += b"\xc0\x0c" + of + b"\0\1\0\0\0\1" + size + socket.inet_pton(family, address)
                    count += 1
        # Silence about any other name would have every program on the machine wait for seconds.
        status = b"\x81\x83" if addresses is None else b"\x81\x80"
        sock.sendto(query[:2] + status + b"\0\1" + bytes([0, count]) + b"\0\0\0\0" + question + answers, self.client_address)

    @staticmethod
    def name(question):
        labels, at = [], 0
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode().lower())
            at += 1 + question[at]
        return ".".join(labels)

    @staticmethod
    def addresses(name):
        if name == "app.gate.test":
            return [read("endpoint")]
        with open(f"{STATE}/asked-for", "a") as log:
            log.write(f"{name}\n")
        withheld = read("withheld").split()
        for line in read("names").splitlines():
            known, *found = line.split()
            if known in withheld:
                continue
            if name == known or known.startswith("s3.") and name.endswith(f".{known}"):
                return [address for address in found if address != "-"]
        return None


servers = [
    http.server.ThreadingHTTPServer(("127.0.0.1", 1338), Metadata),
    socketserver.ThreadingUDPServer(("127.0.0.1", 53), Resolver),
]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{STATE}/instance-services-are-up", "w"):
    pass
threading.Event().wait()
