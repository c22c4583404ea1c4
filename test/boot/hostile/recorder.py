"""recorder.py PORT FILE: a release that writes down what it is told, a JSON object {line, headers} for each request, and
agrees to every upgrade: whatever reaches it after that comes back.
"""
import json
import socketserver
import sys

port, file = int(sys.argv[1]), sys.argv[2]


class Request(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self):
        line = self.rfile.readline(65536).decode("latin-1").strip()
        headers = []
        while (header := self.rfile.readline(65536).decode("latin-1").rstrip("\r\n")):
            name, _, value = header.partition(":")
            headers.append([name.lower(), value.strip()])
        with open(file, "a") as log:
            log.write(json.dumps({"line": line, "headers": headers}) + "\n")
        upgrade = dict(headers).get("upgrade")
        if upgrade:
            self.wfile.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {upgrade}\r\nConnection: upgrade\r\n\r\n".encode())
            self.wfile.write(self.rfile.read1(65536))
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128


Server(("0.0.0.0", port), Request).serve_forever()
