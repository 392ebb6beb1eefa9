"""The first run without a network: the page is there and says why, and goes on when there is one."""

import http.server
import re
import socket
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.recognition.hands.hand_model import MEMBERS
from tests.overlay.recognition.hands.test_hand_model import publish
from tests.server.processes import LINK, RUN, SMALL_DEMO, Signcap

pytestmark = pytest.mark.e2e

SENTENCE = re.compile(
    r"The hand model must be fetched once.*connect to the network and try again.*--hand-model PATH\."
)


def serve_index(port: int, wheel: Path) -> http.server.ThreadingHTTPServer:
    """A package index at this port that has the wheel."""

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_wheel = self.path.endswith(".whl")
            body = wheel.read_bytes() if is_wheel else f'<a href="/{wheel.name}">{wheel.name}</a>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if is_wheel else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_first_run_without_a_network_keeps_the_page(
    start: Callable[..., Signcap], tab: Callable[..., Any], tmp_path: Path, hand_model: Path
) -> None:
    port = free_port()
    environment = {
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PIP_CACHE_DIR": str(tmp_path / "pip"),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
        "NO_PROXY": "127.0.0.1",
        "SIGNCAP_HAND_MODEL": "",
    }
    signcap = start(*RUN, "--text", "HELLO", program=SMALL_DEMO, **environment)
    page = tab(signcap.until(LINK)[0])
    sentence = signcap.until(SENTENCE)[0]
    page.until(lambda: sentence in page.text("#hand-model"))
    page.page.wait_for_selector("#fetch-again", state="visible")
    assert "hand model" not in page.text("#notices")  # it is said once
    # What is typed is captioned all the same.
    page.page.fill("#type-text", "I AM DEAF")
    page.page.keyboard.press("Enter")
    page.until(lambda: "I AM DEAF" in page.lines())

    page.page.click("#fetch-again")
    page.until(lambda: "".join(signcap.out).count(sentence) == 2)  # nothing has changed, and it says so
    page.page.wait_for_selector("#fetch-again:enabled", state="visible")
    with zipfile.ZipFile(hand_model) as archive:
        wheel = publish(tmp_path, {name: archive.read(name) for name in MEMBERS})
    with serve_index(port, wheel) as index:
        page.page.click("#fetch-again")
        page.until(lambda: not page.page.is_visible("#hand-model"))
        assert not page.page.is_visible("#fetch-again")
        page.until(lambda: page.text("#current").strip().startswith("H") or "HELLO" in page.lines())
        index.shutdown()
    assert signcap.process.poll() is None
    assert "Traceback" not in signcap.said
