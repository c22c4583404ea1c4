"""What of AWS no local engine answers for a machine that is not one of its instances: instance metadata (1338), the
few calls to EC2, Auto Scaling and CloudFormation that a booting node makes (4567), and a resolver for one name (53).

State lies in a folder of plain files so that the gate's shell can set and read it: `instance` and `lifecycle` (of the
node that asks), `volume` (who holds it), `endpoint` (address of the application's load balancer). Every call is a line in
`calls`.
"""
import http.server
import socketserver
import sys
import threading
import urllib.parse

STATE = sys.argv[1]
TOKEN = "metadata-token"


def read(name):
    try:
        with open(f"{STATE}/{name}") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def write(name, text):
    with open(f"{STATE}/{name}", "w") as file:
        file.write(text)


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
            "local-ipv4": "127.0.0.1",
            "autoscaling/target-lifecycle-state": read("lifecycle") or "InService",
        }
        value = paths.get(self.path.removeprefix("/latest/meta-data/"))
        self.answer(404) if value is None else self.answer(200, value)

    def log_message(self, *_):
        pass


class Control(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        call = dict(urllib.parse.parse_qsl(body))
        action = call["Action"]
        with open(f"{STATE}/calls", "a") as log:
            log.write(f"{action} {' '.join(f'{k}={v}' for k, v in sorted(call.items()) if k not in ('Action', 'Version'))}\n")
        result = getattr(self, action, lambda _: "")(call)
        xml = f'<{action}Response xmlns="http://aws.example/"><{action}Result/>{result}</{action}Response>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(xml)))
        self.end_headers()
        self.wfile.write(xml)

    def DescribeVolumes(self, _):
        holder = read("volume")
        # A box that is gone lets go of its volume a few looks later.
        if holder.startswith("leaving"):
            left = int(holder.split()[1]) - 1
            write("volume", f"leaving {left}" if left > 0 else "")
            holder = "i-gone"
        attached = f"<item><instanceId>{holder}</instanceId><status>attached</status></item>" if holder else ""
        state = "in-use" if holder else "available"
        return f"<volumeSet><item><status>{state}</status><attachmentSet>{attached}</attachmentSet></item></volumeSet>"

    def AttachVolume(self, call):
        write("volume", call["InstanceId"])
        return "<status>attaching</status>"

    def DescribeInstances(self, _):
        tag = "<item><key>aws:autoscaling:groupName</key><value>gate-group</value></item>"
        instance = f"<item><instanceId>{read('instance')}</instanceId><tagSet>{tag}</tagSet></item>"
        return f"<reservationSet><item><instancesSet>{instance}</instancesSet></item></reservationSet>"

    def log_message(self, *_):
        pass


class Resolver(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        end = query.index(0, 12) + 5
        question, is_a = query[12:end], query[end - 4 : end - 2] == b"\0\1"
        ours = question.startswith(b"\3app\4gate\4test\0")
        answers = b""
        if ours and is_a:
            address = bytes(int(part) for part in read("endpoint").split("."))
            answers = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + address
        # Any other name does not exist; silence would have every program on the machine wait for seconds.
        status = b"\x81\x80" if ours else b"\x81\x83"
        count = bytes([0, 1 if answers else 0])
        sock.sendto(query[:2] + status + b"\0\1" + count + b"\0\0\0\0" + question + answers, self.client_address)


servers = [
    http.server.ThreadingHTTPServer(("127.0.0.1", 1338), Metadata),
    http.server.ThreadingHTTPServer(("127.0.0.1", 4567), Control),
    socketserver.ThreadingUDPServer(("127.0.0.1", 53), Resolver),
]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{STATE}/up", "w"):
    pass
threading.Event().wait()
