"""A local mirror of data sets with faults: broken connections, wrong bytes and others."""
import http.server
import re
import threading
import time


class Mirror:
    """An HTTP server of files in memory. `misbehave` sets the fault of each request."""

    def __init__(self, files):
        self.files = files
        self.requests = []
        self.faults = []
        self.takes_ranges = True
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                mirror.answer(self)

            def do_CONNECT(self):
                # As a proxy, it rejects HTTPS.
                mirror.requests.append(("CONNECT " + self.path, None))
                self.send_error(403)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def misbehave(self, *faults):
        """Faults of the next requests, one each, None for no fault: `cut=N` after N bytes, `status=N`, `location=A`,
        `rate=N` bytes a second, `silent` without a length."""
        self.faults = list(faults)

    def ranges(self, name):
        """The requests for a file: None for the whole file, or the first byte."""
        return [first for path, first in self.requests if path.endswith("/" + name)]

    def answer(self, handler):
        fault = (self.faults.pop(0) if self.faults else None) or {}
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        first = int(match[1]) if match else None
        self.requests.append((handler.path, first))
        # Requests to a proxy contain the whole URL.
        content = self.files.get(re.sub(r"^http://[^/]+", "", handler.path))
        if "location" in fault:
            return self.refuse(handler, 302, Location=fault["location"])
        if "status" in fault or content is None:
            return self.refuse(handler, fault.get("status", 404))
        if first is not None and self.takes_ranges:
            if first >= len(content):
                return self.refuse(handler, 416)
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            content = content[first:]
        else:
            handler.send_response(200)
        if not fault.get("silent"):
            handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        content = content[:fault.get("cut", len(content))]
        try:
            while content:
                handler.wfile.write(content[:1 << 14] if "rate" in fault else content)
                content = content[1 << 14:] if "rate" in fault else b""
                if "rate" in fault:
                    time.sleep((1 << 14) / fault["rate"])
        except OSError:
            pass

    @staticmethod
    def refuse(handler, status, **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "5")
        handler.end_headers()
        handler.wfile.write(b"sorry")
