"""Requests that cannot be read are answered by us: nothing of them is repeated, in page or terminal."""

import http.server
import io
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from server.web.server import ADDRESS_LIMIT, FIELD_LIMIT
from tests.server.conftest import MovingPattern, RunningServer, ScriptedCaptioner, serving

pytestmark = pytest.mark.integration

SECRET = "OWNERSECRETTHATNOBODYMAYSEE"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    """A server over a moving square, which none of these requests changes."""
    with serving(MovingPattern(), ScriptedCaptioner) as server:
        yield server


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    """What the loggers of server and library write where nobody set them up, as in a terminal."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def ask(port: int, *lines: bytes) -> bytes:
    """What is answered to these lines, until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def host(running: Any) -> bytes:
    return f"Host: 127.0.0.1:{running.port}".encode()


def cookies(running: Any, size: int) -> bytes:
    """The owner's cookie, and so many bytes that another program has set."""
    return f"Cookie: {running.access.owner_cookie}={SECRET}; other={'x' * size}".encode()


def large_cookies(running: Any) -> list[bytes]:
    return [b"GET / HTTP/1.1", host(running), cookies(running, FIELD_LIMIT)]


def long_address(_running: Any) -> list[bytes]:
    return [f"GET /captions?viewer={SECRET}{'x' * ADDRESS_LIMIT} HTTP/1.1".encode()]


def odd_header(running: Any) -> list[bytes]:
    return [b"GET / HTTP/1.1", host(running), f"{SECRET} is no header".encode()]


def odd_length(running: Any) -> list[bytes]:
    return [b"GET / HTTP/1.1", host(running), f"Content-Length: {SECRET}".encode()]


def no_version(_running: Any) -> list[bytes]:
    return [f"GET / {SECRET}".encode()]


def odd_method(_running: Any) -> list[bytes]:
    return [f"{SECRET}\x1b[2J / HTTP/1.1".encode()]


def encrypted(_running: Any) -> list[bytes]:
    return [b"\x16\x03\x01" + SECRET.encode()]


UNREADABLE = [
    (431, "delete those of 127.0.0.1", large_cookies),
    (414, "longer than any", long_address),
    (400, "no request that Signcap can read", odd_header),
    (400, "no request that Signcap can read", odd_length),
    (400, "no request that Signcap can read", no_version),
    (400, "no request that Signcap can read", odd_method),
    (400, "no request that Signcap can read", encrypted),
]


@pytest.mark.parametrize(("status", "sentence", "lines"), UNREADABLE)
def test_the_answer_says_what_to_do_and_repeats_nothing(
    running: Any, terminal: io.StringIO, status: int, sentence: str, lines: Any
) -> None:
    answer = ask(running.port, *lines(running)).decode()
    assert answer.split()[1] == str(status)
    assert sentence in " ".join(answer.split())
    assert "Content-Security-Policy: default-src 'none'" in answer
    assert "X-Frame-Options: DENY" in answer
    assert "Cache-Control: no-store" in answer
    assert "Server: signcap" in answer
    assert SECRET not in answer
    assert terminal.getvalue() == ""


def test_ten_thousand_bytes_of_other_programs_cookies_do_no_harm(running: Any) -> None:
    cookie = running.owner_cookie()
    assert running.get("/", Cookie=f"other={'x' * 10_000}; {cookie}").status == 200
    assert running.get("/", Cookie=f"other={'x' * (FIELD_LIMIT - 200)}; {cookie}").status == 200


def test_a_body_that_falls_apart_is_refused_and_not_logged(running: Any, terminal: io.StringIO) -> None:
    head = [
        b"POST /api/v1/captions/edits HTTP/1.1",
        host(running),
        f"Cookie: {running.owner_cookie()}".encode(),
        b"Content-Type: application/json",
        b"X-Signcap: 1",
        b"Transfer-Encoding: chunked",
        b"",
        SECRET.encode(),
    ]
    answer = ask(running.port, *head)
    assert answer.split()[1] == b"400"
    assert SECRET.encode() not in answer
    assert SECRET not in terminal.getvalue()
    assert "Traceback" not in terminal.getvalue()


def test_what_fails_inside_is_logged_on_lines_of_its_own(
    running: Any, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is another site's text: it makes no line of its own in the terminal."""
    cookie = running.owner_cookie()
    monkeypatch.setattr("server.web.auth.security._check_sender", lambda *_: 1 / 0)
    assert running.get("/x%0AOpen%20this%20link:%20http://evil.test/", Cookie=cookie).status == 500
    assert "ZeroDivisionError" in terminal.getvalue()
    assert not [line for line in terminal.getvalue().splitlines() if line.startswith("Open this link")]


def test_what_fails_before_there_is_a_page_is_told_by_its_kind_alone(
    running: Any, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.app.router, "resolve", lambda *_: 1 / 0)
    answer = ask(running.port, f"GET /captions?viewer={SECRET} HTTP/1.1".encode(), host(running)).decode()
    assert answer.split()[1] == "500"
    assert "Signcap could not do that: the terminal says why." in answer
    assert SECRET not in answer
    assert terminal.getvalue() == "A request failed (ZeroDivisionError)\n"


class _Neighbour(http.server.BaseHTTPRequestHandler):
    """Another program at 127.0.0.1, whose page sets as many cookies of 4 kB as its address says."""

    def do_GET(self) -> None:
        self.send_response(200)
        for number in range(int(self.path.strip("/"))):
            self.send_header("Set-Cookie", f"neighbour{number}={'x' * 4000}; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def neighbour() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Neighbour) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.e2e
@pytest.mark.slow
def test_beside_a_neighbour_with_many_cookies_the_page_opens_or_says_what_to_do(
    running: Any, neighbour: str, terminal: io.StringIO, browser: Any
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(running.access.launch_url())
        page.wait_for_url(f"{running.url}/")
        secret = next(each["value"] for each in context.cookies() if each["name"] == running.access.owner_cookie)
        page.goto(f"{neighbour}/3")
        page.goto(f"{running.url}/")
        page.wait_for_selector(".screen")
        page.goto(f"{neighbour}/40")
        refused = page.goto(f"{running.url}/")
        assert refused is not None
        assert refused.status == 431
        assert "delete those of 127.0.0.1 and localhost" in " ".join(page.inner_text("main").split())
        assert secret not in page.content()
    assert secret not in terminal.getvalue()
