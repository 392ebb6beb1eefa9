"""A proxy that lets nothing through and remembers what was asked of it."""

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator

# Whom Chromium itself asks, whatever page is open: what a page asks them for is among the page's requests.
CHROMIUMS_OWN = re.compile(r"\w+ (https?://)?[\w.-]+\.(google|googleapis|gvt1)\.com[:/]")


class Recorder:
    """What a browser asked for that is not on this machine.

    Attributes:
        asked: "METHOD ADDRESS" of each request.
    """

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port

    def arguments(self, *own: str) -> list[str]:
        """Arguments for Chromium: all but 127.0.0.1 and these hosts goes through the recorder."""
        bypassed = ";".join(("<-loopback>", "127.0.0.1", *own))
        return [f"--proxy-server=http://127.0.0.1:{self._port}", f"--proxy-bypass-list={bypassed}"]


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that listens."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not CHROMIUMS_OWN.match(asked := f"{self.command} {self.path}"):
                recorder.asked.append(asked)
            self.send_error(403)

        do_CONNECT = do_POST = do_HEAD = do_GET  # noqa: N815, names of http.server's

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder = Recorder(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
