"""Answers the health check of a node whose environment has no release yet: responder.py PORT HEALTH_PATH."""
import http.server
import socket
import sys

port, health_path = int(sys.argv[1]), sys.argv[2].split("?")[0]


class Responder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        text = b"no release yet\n"
        self.send_response(200 if self.path.split("?")[0] == health_path else 503)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text if self.command == "GET" else b"")

    do_HEAD = do_GET

    def version_string(self):
        return "beamstalk"

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        # IPv4 and IPv6 on one socket.
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


Server(("::", port), Responder).serve_forever()
