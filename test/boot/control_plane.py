"""control_plane.py STATE HERE BACK: what of AWS no local engine answers for a machine that is not one of its instances: the few
calls to EC2, Auto Scaling, Elastic Load Balancing and CloudFormation that nodes make and operators ask, the function that certifies
nodes, and Run Command of Systems Manager, whose other operations go on to the engine at the address BACK (4567).

State lies in a folder of plain files so that the gate's shell can set and read it: `instance` (the node that asks where a call
names none), `volume` (who holds it), `fleet` (fleet.py). Every call is a line in `calls`.
"""
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

from fleet import Fleet, Refused, RunCommand, groups
from load_balancer import TargetGroup

STATE, HERE, BACK = sys.argv[1:]
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
CERTIFYING = threading.Lock()
FLEET = Fleet(STATE)
RUN_COMMAND = RunCommand(STATE, FLEET)
TARGET_GROUP = TargetGroup(STATE, FLEET, 4000, "/echo?message=health")


def read(name):
    try:
        with open(f"{STATE}/{name}") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def write(name, text):
    with open(f"{STATE}/{name}", "w") as file:
        file.write(text)


def note_call(line):
    with open(f"{STATE}/calls", "a") as log:
        log.write(f"{line}\n")


def certified(request):
    """A certificate for the key, and for all addresses that machines of the gate have: who asks is another test's business
    (lambda/cluster-certificate)."""
    at = f"{STATE}/cluster"
    with CERTIFYING:
        if not os.path.exists(f"{at}.pem"):
            authority = ["-subj", "/CN=beamstalk gate", "-keyout", f"{at}.key", "-out", f"{at}.pem"]
            subprocess.run(["openssl", "req", "-x509", *KEY, "-nodes", "-days", "2", *authority], check=True, capture_output=True)
        pem = ["-----BEGIN PUBLIC KEY-----", request["publicKey"], "-----END PUBLIC KEY-----", ""]
        addresses = ["127.0.0.1", *(f"10.9.1.{last}" for last in range(11, 20))]
        write("cluster.public", "\n".join(pem))
        write("cluster.extensions", "subjectAltName=" + ",".join(f"DNS:{one},IP:{one}" for one in addresses))
        words = ["-new", "-force_pubkey", f"{at}.public", "-subj", "/CN=node", "-days", "1", "-extfile", f"{at}.extensions"]
        signed = subprocess.run(
            ["openssl", "x509", *words, "-CA", f"{at}.pem", "-CAkey", f"{at}.key"], check=True, capture_output=True, text=True
        )
    return {"certificate": signed.stdout, "authorities": read("cluster.pem") + "\n"}


class Control(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/2015-03-31/functions/"):
            note_call(f"Invoke {self.path.split('/')[3]}")
            return self.answer(200, "application/json", json.dumps(certified(json.loads(body))).encode())
        if "X-Amz-Target" in self.headers:
            return self.system_manager(self.headers["X-Amz-Target"].split(".")[-1], body)
        call = dict(urllib.parse.parse_qsl(body.decode()))
        action = call["Action"]
        note_call(f"{action} {' '.join(f'{k}={v}' for k, v in sorted(call.items()) if k not in ('Action', 'Version'))}")
        result = getattr(self, action, lambda _: "")(call)
        # EC2 answers without the element around its result that the others have.
        xml = f'<{action}Response xmlns="http://aws.example/"><{action}Result>{result}</{action}Result>{result}</{action}Response>'
        self.answer(200, "text/xml", xml.encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def system_manager(self, operation, body):
        kind = "application/x-amz-json-1.1"
        if operation not in RunCommand.OPERATIONS:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
            try:
                with urllib.request.urlopen(urllib.request.Request(BACK, body, headers)) as answer:
                    return self.answer(answer.status, kind, answer.read())
            except urllib.error.HTTPError as refusal:
                return self.answer(refusal.code, kind, refusal.read())
        asked = json.loads(body)
        if operation == "SendCommand":
            note_call(f"SendCommand {asked['InstanceIds'][0]} {' '.join(asked['Parameters']['commands'])}")
        try:
            self.answer(200, kind, json.dumps(getattr(RUN_COMMAND, operation)(asked)).encode())
        except Refused as refusal:
            self.answer(400, kind, json.dumps({"__type": str(refusal), "message": ""}).encode())

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

    def DescribeAddresses(self, call):
        return f"<addressesSet><item><allocationId>{call['AllocationId.1']}</allocationId><publicIp>127.0.0.1</publicIp></item></addressesSet>"

    def DescribeAutoScalingGroups(self, call):
        return groups(FLEET.nodes(), call)

    def RegisterTargets(self, call):
        TARGET_GROUP.register(call["Targets.member.1.Id"])
        return ""

    def DeregisterTargets(self, call):
        TARGET_GROUP.deregister(call["Targets.member.1.Id"])
        return ""

    def DescribeTargetHealth(self, call):
        state = TARGET_GROUP.state(call["Targets.member.1.Id"])
        return f"<TargetHealthDescriptions><member><TargetHealth><State>{state}</State></TargetHealth></member></TargetHealthDescriptions>"

    def DescribeInstances(self, call):
        tag = "<item><key>aws:autoscaling:groupName</key><value>gate-group</value></item>"
        instance = f"<item><instanceId>{call.get('InstanceId.1') or read('instance')}</instanceId><tagSet>{tag}</tagSet></item>"
        return f"<reservationSet><item><instancesSet>{instance}</instancesSet></item></reservationSet>"

    def log_message(self, *_):
        pass


threading.Thread(target=http.server.ThreadingHTTPServer((HERE, 4567), Control).serve_forever, daemon=True).start()
with open(f"{STATE}/up", "w"):
    pass
threading.Event().wait()
