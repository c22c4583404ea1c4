"""downloads.py FOLDER CERTIFICATE KEY: stands for a place of downloads and for what it redirects to, by TLS on 127.0.0.1:443
and without on port 80. The last part of a path is a file of FOLDER; FOLDER/manner says, `<file> <manner>` a line, how it comes:

wrong     another file, of the same size, that would do harm
cut       the file without its end, and it looks whole
broken    the connection ends before the file does
plainly   by a redirect to HTTP
elsewhere by a redirect to another host

Anything else, and what a redirect leads to, comes as it is.
"""
import http.server
import os
import ssl
import sys
import threading

FOLDER, CERTIFICATE, KEY = sys.argv[1:]
ELSEWHERE = "release-assets.githubusercontent.com"


def manner_of(name):
    with open(f"{FOLDER}/manner") as lines:
        return dict(line.split() for line in lines).get(name, "right")


class Downloads(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = os.path.basename(self.path)
        manner = "right" if self.headers["Host"] == ELSEWHERE else manner_of(name)
        if manner in ("plainly", "elsewhere"):
            self.send_response(302)
            self.send_header("Location", f"http{'s' if manner == 'elsewhere' else ''}://{ELSEWHERE}/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with open(f"{FOLDER}/{'planted/' if manner == 'wrong' else ''}{name}", "rb") as file:
            data = file.read()
        part = data[: len(data) // 2] if manner in ("cut", "broken") else data
        self.send_response(200)
        self.send_header("Content-Length", str(len(part if manner == "cut" else data)))
        self.end_headers()
        self.wfile.write(part)
        self.close_connection = True

    def log_message(self, *arguments):
        with open(f"{FOLDER}/asked", "a") as log:
            log.write(f"{self.headers['Host'] if self.headers else '-'} {self.path}\n")


secure = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Downloads)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=secure.serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", 80), Downloads).serve_forever()
