"""raw_requests.py SEED COUNT PORT TLS-NAME|- OUTSIDE RECORDS CLAIMS [HOST...]: sends so many requests by chance over raw sockets
to a node's nginx on 127.0.0.1, and looks at what the release was told of each (recorder.py wrote it to RECORDS).

OUTSIDE says who speaks to the node: `direct` anybody, `cloudfront` what CloudFront sends. CLAIMS is a file with the names of
headers that must not arrive, a line each. HOST are the names that may arrive as the host; without any, the one asked for.
"""
import json
import random
import re
import socket
import ssl
import sys
import time

seed, count, port, tls, outside, records, claims, *hosts = sys.argv[1:]
chance = random.Random(int(seed))
CLAIMS = [line.strip().lower() for line in open(claims) if line.strip()]
SAID = ["host", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "cloudfront-forwarded-proto"]
SAID += ["cloudfront-viewer-address"]
EVIL = ["evil.example", "6.6.6.6", "6.6.6.6:6", "https", "evil, https", "https://evil.example", "for=6.6.6.6;host=evil.example"]
EVIL += ["evil\tx", "  evil", '"evil"', "evil\x0b", "evil\xe9", "", "e" * 3000]
NAMES = ["evil.example", "EVIL.example", "evil.example:80", "localhost", "127.0.0.1", "[::1]", "evil..example", "ev/il", "", "_"]
# Often enough one that is served.
NAMES += hosts * len(NAMES)
UPGRADES = ["websocket", "WebSocket", "h2c", "h2c, websocket", "websocket, h2c", "TLS/1.0", "connect-udp", "evil", ""]
VIEWER, VIEWER_SCHEME = "203.0.113.9", "https"


def request(number):
    """(text of the request, host of its request line or None, values of Host, what was asked as upgrade)"""
    target, inner = f"/{number}", None
    form = chance.randrange(6)
    if form == 0:
        inner = chance.choice([name for name in NAMES if name and "/" not in name])
        target = f"{chance.choice(['http', 'https', 'HTTP'])}://{inner}/{number}"
    elif form == 1:
        target = chance.choice(["//", "/../", "/%2e%2e/", "/x//"]) + str(number)
    method = chance.choice(["GET"] * 6 + ["POST", "OPTIONS", "HEAD", "get", "TRACE", "CONNECT", "PRI"])
    version = chance.choice(["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0"])
    asked = [chance.choice(NAMES) for _ in range(chance.choice([1, 1, 1, 1, 1, 0, 2]))]
    headers = [("Host", name) for name in asked]
    for _ in range(chance.randrange(6)):
        name = chance.choice(CLAIMS + SAID[1:])
        if outside == "cloudfront" and name.startswith("cloudfront-") and name not in CLAIMS:
            continue
        style = chance.randrange(5)
        name = [name, name.title(), name.upper(), name.replace("-", "_"), name + " "][style if style < 4 or number % 7 == 0 else 0]
        headers.append((name, chance.choice(EVIL)))
    upgrade = None
    if chance.randrange(3) == 0:
        upgrade = chance.choice(UPGRADES)
        headers += [("Upgrade", upgrade), ("Connection", chance.choice(["Upgrade", "upgrade, HTTP2-Settings", "close", "X-Forwarded-For"]))]
        headers += [("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")]
    if chance.randrange(8) == 0:
        headers.append(chance.choice([("Transfer-Encoding", "chunked"), ("Content-Length", "5"), ("Transfer-Encoding", "xchunked"), ("Content-Length", "-1")]))
    chance.shuffle(headers)
    if outside == "cloudfront":
        headers += [("CloudFront-Viewer-Address", f"{VIEWER}:4711"), ("CloudFront-Forwarded-Proto", VIEWER_SCHEME)]
    end = chance.choice(["\r\n"] * 9 + ["\n"])
    lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return end.join(lines).encode("latin-1"), inner, asked, upgrade


def send(text):
    connection = socket.create_connection(("127.0.0.1", int(port)), timeout=1)
    try:
        if tls != "-":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(connection, server_hostname=tls)
        connection.sendall(text)
        return connection.recv(4096)
    except OSError:
        return b""
    finally:
        connection.close()


sent = {}
for number in range(int(count)):
    text, *facts = request(number)
    sent[number] = (text, *facts)
    send(text)
# Each claim once for certain, as it is written and with the underscores that many a framework takes for hyphens.
names = CLAIMS + [name.replace("-", "_") for name in CLAIMS]
for start in range(0, len(names), 10):
    number, host = int(count) + start, (hosts or ["localhost"])[0]
    headers = [("Host", host), ("Connection", "close"), *((name, "evil") for name in names[start : start + 10] if name != "http2-settings")]
    if outside == "cloudfront":
        headers += [("CloudFront-Viewer-Address", f"{VIEWER}:4711"), ("CloudFront-Forwarded-Proto", VIEWER_SCHEME)]
    text = "\r\n".join([f"GET /{number} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""])
    sent[number] = (text.encode("latin-1"), None, [host], None)
    send(sent[number][0])
time.sleep(0.5)

scheme = "http" if tls == "-" else "https"
address, viewer = "127.0.0.1", r"127\.0\.0\.1:[0-9]+"
if outside == "cloudfront":
    address, viewer, scheme = VIEWER, re.escape(f"{VIEWER}:4711"), VIEWER_SCHEME
wrong, arrived, upgraded, certain = [], 0, 0, 0
with open(records) as file:
    for record in map(json.loads, file):
        # A connection on which nothing was said.
        if not record["line"]:
            continue
        found = re.search(r"/(\d+) HTTP/1\.[01]$", record["line"])
        if found is None:
            wrong.append(("the request line is changed", record))
            continue
        text, inner, asked, upgrade = sent[int(found[1])]
        arrived += 1
        certain += int(found[1]) >= int(count)
        values = {}
        for name, value in record["headers"]:
            values.setdefault(name.replace("_", "-").strip(), []).append(value)
        host = (values.get("host") or [""])[0]
        wanted = hosts or [re.sub(r"(:\d+)$", "", (inner or (asked or ["_"])[0]).lower()) or "_"]
        truth = {"host": wanted, "x-forwarded-host": [host], "x-real-ip": [address], "x-forwarded-for": [address]}
        truth |= {"x-forwarded-proto": [scheme], "cloudfront-forwarded-proto": [scheme]}
        for name, allowed in truth.items():
            if len(values.get(name, [])) != 1 or values[name][0] not in allowed:
                wrong.append((f"{name} is {values.get(name)}, not one of {allowed}", record))
        if not re.fullmatch(viewer, ",".join(values.get("cloudfront-viewer-address", []))):
            wrong.append(("cloudfront-viewer-address", record))
        for name in CLAIMS:
            if name in values:
                wrong.append((f"{name} arrived", record))
        switched = values.get("upgrade", [])
        upgraded += bool(switched)
        if switched not in ([], ["websocket"]) or (switched and upgrade.lower() != "websocket"):
            wrong.append((f"upgrade {switched} of {upgrade}", record))
for reason, record in wrong[:5]:
    print(reason, json.dumps(record)[:600])
print(f"{count} sent, {arrived} arrived, {upgraded} upgraded, {len(wrong)} wrong")
if certain != len(range(0, len(names), 10)):
    sys.exit(f"of the requests with every claim {certain} arrived")
sys.exit(not (not wrong and arrived > int(count) // 10 and upgraded > 0))
