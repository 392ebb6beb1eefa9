"""Each rule of the server, over real HTTP."""

import json
import logging
import socket
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.web.auth import security
from server.web.auth.access import Access, Launch
from tests.server.conftest import RunningServer

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
PROTECTED = [
    "/",
    "/captions",
    "/api/v1/status",
    "/api/v1/preview.mjpeg",
    "/api/v1/captions/events",
    "/api/v1/nothing",
]


@pytest.fixture
def running(lasting: RunningServer) -> RunningServer:
    """One server for all: what is refused leaves it as it was."""
    lasting.new_links.clear()
    return lasting


def test_listens_on_loopback_only(running: Any) -> None:
    assert running.get("/").status == 401
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; tells this machine's address on its network
            own_address = probe.getsockname()[0]
        except OSError:
            own_address = "127.0.0.2"  # no network: another address of the loopback interface must not answer either
    with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
        socket.create_connection((own_address, running.port), timeout=2)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_answers_to_its_own_names(running: Any, name: str) -> None:
    cookie = running.owner_cookie()
    assert running.get("/", host=f"{name}:{running.port}", Cookie=cookie).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "localhost",
        "evil.example:{port}",
        "127.0.0.1:1",
        "127.0.0.1.evil.example:{port}",
        "0.0.0.0:{port}",
    ],
)
@pytest.mark.parametrize("path", ["/", "/static/css/signcap.css"])
def test_refuses_any_other_host(running: Any, host: str, path: str) -> None:
    cookie = running.owner_cookie()
    answer = running.get(path, host=host.format(port=running.port), Cookie=cookie)
    assert answer.status in (400, 403)
    assert b"{" not in answer.body, "neither the style sheet nor a script"
    assert b"screen" not in answer.body, "nor the start page"


@pytest.mark.unit
def test_a_request_names_one_host_whatever_the_parser_lets_through() -> None:
    access = Access(8765)
    own = "127.0.0.1:8765"
    for hosts in ([], [own, own], [own, "evil.example"], ["evil.example"]):
        request = make_mocked_request("GET", "/", CIMultiDict([("Host", host) for host in hosts]))
        with pytest.raises(security.RefusedError) as refused:
            security._check_sender(request, access)
        assert refused.value.status == 403
    security._check_sender(make_mocked_request("GET", "/", CIMultiDict(Host=own)), access)


@pytest.mark.parametrize("path", PROTECTED)
def test_gives_nothing_without_a_secret(running: Any, path: str) -> None:
    answer = running.get(path)
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PROTECTED)
def test_a_wrong_cookie_is_no_secret(running: Any, path: str) -> None:
    assert running.get(path, Cookie=f"{running.access.owner_cookie}=guess").status == 401


def test_static_files_need_no_secret(running: Any) -> None:
    answer = running.get("/static/css/signcap.css")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert running.get("/static/css/../templates/start.html").status in (401, 403, 404)
    assert running.get("/static/templates/start.html").status == 401


def test_launch_link_becomes_a_cookie_once(running: Any) -> None:
    path = running.path_of(running.access.launch_url())
    first = running.get(path)
    assert first.status == 200
    attributes = {part.strip().lower() for part in first.headers["Set-Cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes
    assert first.cookie.startswith(f"signcap-{running.port}=")
    token = path.partition("=")[2]
    assert token.encode() not in first.body
    assert b'http-equiv="refresh" content="0; url=/"' in first.body
    assert running.get("/", Cookie=first.cookie).status == 200

    again = running.get(path)
    assert again.status == 410
    assert "Set-Cookie" not in again.headers
    assert b"terminal" in again.body


def test_used_link_prints_a_new_one_that_works(running: Any) -> None:
    path = running.path_of(running.access.launch_url())
    running.get(path)
    assert running.new_links == []
    running.get(path)
    assert len(running.new_links) == 1
    assert running.get(running.path_of(running.new_links[0])).status == 200


def test_used_link_in_the_browser_that_used_it_goes_to_the_page(running: Any) -> None:
    path = running.path_of(running.access.launch_url())
    cookie = running.get(path).cookie
    again = running.get(path, Cookie=cookie)
    assert (again.status, again.headers["Location"]) == (303, "/")
    assert running.new_links == []


def test_wrong_link_prints_nothing(running: Any) -> None:
    answer = running.get("/?launch=guess")
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    assert running.new_links == []


def test_head_does_not_use_a_link_up(running: Any) -> None:
    path = running.path_of(running.access.launch_url())
    assert "Set-Cookie" not in running.get(path, method="HEAD").headers
    assert running.get(path).status == 200


def test_viewer_reads_captions_and_nothing_else(running: Any) -> None:
    cookie = running.viewer_cookie()
    assert cookie.startswith(f"signcap-viewer-{running.port}=")
    assert running.get("/captions", Cookie=cookie).status == 200
    assert running.get("/", Cookie=cookie).status == 401
    assert running.get("/api/v1/status", Cookie=cookie).status == 403
    assert running.get("/api/v1/preview.mjpeg", Cookie=cookie).status == 403
    offer = running.get("/api/v1/preview", method="POST", body=b'{"sdp": ""}', Cookie=cookie, **JSON)
    assert offer.status == 403
    assert running.get("/captions?viewer=guess").status == 401


def test_viewer_secret_is_not_the_owners(running: Any) -> None:
    secret = running.viewer_cookie().partition("=")[2]
    assert running.get("/", Cookie=f"{running.access.owner_cookie}={secret}").status == 401
    token = running.access.viewer_token
    assert running.get(f"/?launch={token}").status == 401
    assert running.get("/", Cookie=f"{running.access.owner_cookie}={token}").status == 401


@pytest.mark.unit
def test_secrets_differ_in_each_run() -> None:
    one, other = Access(1), Access(1)
    assert other.redeem(one.launch_url().partition("launch=")[2]) is Launch.WRONG
    assert not other.is_viewer_token(one.viewer_token)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/api/v1/captions/events", "/static/js/start/start.js"])
def test_refuses_other_sites_even_with_the_cookie(running: Any, headers: dict[str, str], path: str) -> None:
    cookie = running.owner_cookie()
    headers = {name: value.format(port=running.port) for name, value in headers.items()}
    assert running.get(path, Cookie=cookie, **headers).status == 403


def test_accepts_its_own_origin(running: Any) -> None:
    cookie = running.owner_cookie()
    answer = running.get("/api/v1/status", Cookie=cookie, Origin=running.url, Sec_Fetch_Site="same-origin")
    assert answer.status == 200
    assert json.loads(answer.body)["camera"] == "on"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/json"},
        {"X_Signcap": "1"},
        {"Content_Type": "text/plain", "X_Signcap": "1"},
        {"Content_Type": "application/x-www-form-urlencoded", "X_Signcap": "1"},
    ],
)
def test_changes_are_json_with_the_custom_header(running: Any, headers: dict[str, str]) -> None:
    cookie = running.owner_cookie()
    answer = running.get("/api/v1/preview", method="POST", body=b'{"sdp": "x"}', Cookie=cookie, **headers)
    assert answer.status == 415


def test_nobody_is_told_that_he_may_ask_across_origins(running: Any) -> None:
    cookie = running.owner_cookie()
    for method in ("OPTIONS", "GET", "POST"):
        answer = running.get("/api/v1/status", method=method, Cookie=cookie, Origin=running.url, **JSON)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/captions", "/api/v1/status", "/nothing", "/static/js/start/start.js"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_is_protected(running: Any, path: str, known: bool) -> None:
    headers = running.get(path, Cookie=running.owner_cookie() if known else "").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_event_stream_is_protected_too(running: Any) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as raw:
        raw.sendall(
            f"GET /api/v1/captions/events HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
            f"Cookie: {running.viewer_cookie()}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += raw.recv(4096)
    lines = head.partition(b"\r\n\r\n")[0].decode().lower()
    assert "200 ok" in lines
    assert "cache-control: no-store" in lines
    assert "content-security-policy: default-src 'none'" in lines


def test_refuses_a_body_that_is_too_big(running: Any) -> None:
    cookie = running.owner_cookie()
    body = json.dumps({"sdp": "x" * security.BODY_LIMIT}).encode()
    assert running.get("/api/v1/preview", method="POST", body=body, Cookie=cookie, **JSON).status == 413


def test_refuses_a_body_that_grows_too_big(running: Any) -> None:
    """Chunked: its size is not announced."""
    chunk = b"x" * 16384
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as raw:
        raw.sendall(
            f"POST /api/v1/preview HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nCookie: {running.owner_cookie()}\r\n"
            "Content-Type: application/json\r\nX-Signcap: 1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(5):
            raw.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        raw.sendall(b"0\r\n\r\n")
        assert b" 413 " in raw.recv(200)


def test_a_body_that_does_not_come_is_given_up(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "TIME_LIMIT", 0.3)
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as raw:
        raw.sendall(
            f"POST /api/v1/preview HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nCookie: {running.owner_cookie()}\r\n"
            "Content-Type: application/json\r\nX-Signcap: 1\r\nContent-Length: 100\r\n\r\n{".encode()
        )
        assert b" 408 " in raw.recv(200)


def test_tokens_reach_no_log(
    running: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        launch = running.path_of(running.access.launch_url())
        for path in (launch, launch, running.access.viewer_path(), "/?launch=abcdefgh"):
            running.get(path)
        running.get("/")  # what was to be written of those before has been written
    told = caplog.text + "".join(capfd.readouterr())
    for secret in (launch.partition("=")[2], running.access.viewer_token, "abcdefgh"):
        assert secret not in told


def test_a_failure_tells_no_token(
    running: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_token: str) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr(running.access, "redeem", fail)
    launch = running.path_of(running.access.launch_url())
    answer = running.get(launch)
    assert answer.status == 500
    assert "the reason" in caplog.text
    told = caplog.text + answer.body.decode()
    assert launch.partition("=")[2] not in told
    assert b"Traceback" not in answer.body
