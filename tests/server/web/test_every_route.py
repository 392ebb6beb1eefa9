"""What every route refuses: taken from the router, so that none can be forgotten."""

import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.web import server as serving
from server.web.auth import security
from server.web.auth.security import BODY_LIMIT, SAFE_METHODS, upload_of
from server.web.streams.stream import items_of
from tests.waiting import until

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
FOR_VIEWERS = {
    "/captions",
    "/overlay",
    "/api/v1/captions/events",
    "/api/v1/captions.{kind}",
    "/api/v1/socket",
}  # all else is the owner's
FOR_ALL = {"/api/v1/extension/hello"}  # tells that Signcap runs, and no more
FOR_WHO_ASKS = {("POST", "/api/v1/pairings"), ("GET", "/api/v1/pairings/{name}")}  # a browser that is not paired yet
FOR_THE_EXTENSION = {
    *FOR_VIEWERS,
    "/api/v1/extension/hello",
    "/api/v1/extension/state",
    "/api/v1/extension/pairing",
    "/api/v1/preview",
    "/api/v1/preview/{name}",
    "/api/v1/captions/edits",
    "/api/v1/style/characters",
    "/api/v1/phrases",
}
SAMPLES = ("name", "1", "A", "2020-01-01", "2020-01-01-120000-0a1b2c", "picture.jpg", "spelling-20200101-120000")
OTHERS: list[dict[str, str]] = [
    {"host": "evil.example:{port}"},
    {"host": "127.0.0.1"},
    {"host": "127.0.0.1:{port}.evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:{port}"},  # not the host that is asked
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
]
MALFORMED: list[dict[str, str]] = [
    {"Content_Type": "application/json"},  # what a form or a simple fetch could send
    {"Content_Type": "application/json", "X_Signcap": "0"},
    {"X_Signcap": "1"},
    {"Content_Type": "text/plain", "X_Signcap": "1"},
    {"Content_Type": "multipart/form-data; boundary=x", "X_Signcap": "1"},
]


@dataclass(frozen=True)
class Route:
    """A route of the application, with a path that leads to it."""

    method: str
    path: str
    canonical: str
    handler: Any
    static: bool

    @property
    def streams(self) -> bool:
        return getattr(self.handler, "streams", False)

    @property
    def headers(self) -> dict[str, str]:
        """Those of a request that is as it should be."""
        upload = upload_of(self.handler)
        return JSON if upload is None else JSON | {"Content_Type": upload.kinds[0]}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def a_path(resource: Any) -> str:
    """A path that the resource answers to."""
    info = resource.get_info()
    if "directory" in info:
        folder = Path(info["directory"])
        file = next(file for file in folder.rglob("*") if file.is_file())
        return f"{info['prefix']}/{file.relative_to(folder).as_posix()}"
    path: str = resource.canonical
    for name, allowed in re.findall(r"\(\?P<(\w+)>((?:[^()\\]|\\.)+)\)", getattr(info.get("pattern"), "pattern", "")):
        values = (*SAMPLES, *allowed.split("|"))
        path = path.replace(f"{{{name}}}", next(value for value in values if re.fullmatch(allowed, value)))
    assert "{" not in path
    return path


def routes(app: web.Application) -> list[Route]:
    """All of them."""
    found = []
    for route in app.router.routes():
        assert route.resource is not None
        static = isinstance(route.resource, web.StaticResource)
        found.append(Route(route.method, a_path(route.resource), route.resource.canonical, route.handler, static))
    assert len(found) > 40
    return found


_kept: dict[int, http.client.HTTPConnection] = {}  # by port: most refusals leave the connection open


def ask(running: Any, method: str, path: str, cookie: str = "", **headers: str) -> int:
    """The status alone: what streams is not read on."""
    kept = _kept.pop(running.port, None)
    if kept is not None:
        try:
            return _ask(kept, running.port, method, path, cookie, **headers)
        except ConnectionError:  # the server has closed it meanwhile, as servers may
            pass
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    return _ask(connection, running.port, method, path, cookie, **headers)


def _ask(
    connection: http.client.HTTPConnection, port: int, method: str, path: str, cookie: str, **headers: str
) -> int:
    headers = {name: value.format(port=port) for name, value in headers.items()}
    is_whole = "Content_Length" not in headers  # else the server waits for the rest, and takes what comes next for it
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", headers.pop("host", f"127.0.0.1:{port}"))
        if cookie:
            connection.putheader("Cookie", cookie)
        if method not in SAFE_METHODS:
            connection.putheader("Content-Length", headers.pop("Content_Length", "2"))
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(b"" if method in SAFE_METHODS else b"{}")
        response = connection.getresponse()
        if is_whole and response.status >= 400 and not response.will_close:
            response.read()
            _kept[port] = connection
        return response.status
    finally:
        if _kept.get(port) is not connection:
            connection.close()


def cookies_of(running: Any) -> dict[str, str]:
    """What each role carries."""
    return {
        "nobody": "",
        "stranger": f"{running.access.owner_cookie}=guess; {running.access.viewer_cookie}=guess",
        "viewer": running.viewer_cookie(),
        "owner": running.owner_cookie(),
    }


@pytest.fixture
def cookies(running: Any) -> dict[str, str]:
    """What each role carries to a server that was started for the test."""
    return cookies_of(running)


@pytest.fixture(scope="module")
def refusing(lasting: Any) -> Any:
    """One server for all tests that are refused, or only look."""
    return lasting


@pytest.fixture(scope="module")
def roles(refusing: Any) -> dict[str, str]:
    """What each role carries to that server."""
    return cookies_of(refusing)


def test_without_a_secret_only_static_files_are_served(refusing: Any, roles: dict[str, str]) -> None:
    for route in routes(refusing.app):
        for role in ("nobody", "stranger"):
            status = ask(refusing, route.method, route.path, roles[role], **route.headers)
            is_open = route.static or route.canonical in FOR_ALL
            assert status == (200 if is_open else 401), f"{route} for a {role}"


def test_a_viewer_reads_captions_and_nothing_else(refusing: Any, roles: dict[str, str]) -> None:
    for route in routes(refusing.app):
        status = ask(refusing, route.method, route.path, roles["viewer"], **route.headers)
        if route.static or (route.canonical in FOR_VIEWERS | FOR_ALL and route.method in SAFE_METHODS):
            assert status == 200, f"{route} for a viewer"
        else:
            unasked = route.canonical == "/" or (route.method, route.canonical) in FOR_WHO_ASKS
            assert status == (401 if unasked else 403), f"{route} for a viewer"


def test_a_paired_browser_shows_captions_and_nothing_else(running: Any) -> None:
    token = running.access.paired.add("browser-1", "Chromium")
    for route in routes(running.app):
        if route.canonical == "/api/v1/extension/pairing":
            continue  # ends it
        headers = route.headers | {"Authorization": f"Bearer {token}"}
        status = ask(running, route.method, route.path, running.owner_cookie(), **headers)
        if route.static or route.canonical in FOR_THE_EXTENSION:
            assert status not in (401, 403, 405, 413, 415, 500), f"{route}: {status}"
        else:
            unasked = route.canonical == "/" or (route.method, route.canonical) in FOR_WHO_ASKS
            assert status == (401 if unasked else 403), str(route)


def test_only_what_is_meant_for_it_answers_the_extension(running: Any) -> None:
    """A request from the extension's origin, whatever cookies the browser sends along."""
    for route in routes(running.app):
        headers = route.headers | {"Origin": security.EXTENSION_ORIGIN}
        status = ask(running, route.method, route.path, running.owner_cookie(), **headers)
        own = FOR_THE_EXTENSION - FOR_VIEWERS | {"/api/v1/captions/events"}
        meant = route.canonical in own or (route.method, route.canonical) in FOR_WHO_ASKS
        assert (status == 403) == (not meant), f"{route}: {status}"


def test_no_other_extension_is_answered(refusing: Any) -> None:
    token = refusing.access.paired.add("browser-1", "Chromium")
    for route, origin in product(
        routes(refusing.app), ("chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh", "moz-extension://x")
    ):
        headers = route.headers | {"Origin": origin, "Authorization": f"Bearer {token}"}
        assert ask(refusing, route.method, route.path, **headers) == 403, str(route)


@pytest.mark.e2e
def test_the_owner_is_refused_nothing(running: Any, cookies: dict[str, str]) -> None:
    for route in routes(running.app):
        if (route.method, route.canonical) in FOR_WHO_ASKS:
            continue
        status = ask(running, route.method, route.path, cookies["owner"], **route.headers)
        assert status not in (401, 403, 405, 413, 415, 500), f"{route}: {status}"


def test_whoever_asks_from_elsewhere_is_refused(refusing: Any, roles: dict[str, str]) -> None:
    """Whatever the route, and whatever secret the browser sends along: static files are no exception.

    Each role meets each route, and asks from each place: not all three together each time.
    """
    names = sorted(roles)
    for (number, route), (place, headers) in product(enumerate(routes(refusing.app)), enumerate(OTHERS)):
        role = names[(number + place) % len(names)]
        status = ask(refusing, route.method, route.path, roles[role], **JSON | headers)
        assert status == 403, f"{route} for a {role} with {headers}"


def test_a_second_origin_or_site_does_not_hide_behind_our_own(refusing: Any, roles: dict[str, str]) -> None:
    pairs = [("Origin", refusing.url, "https://evil.example"), ("Sec-Fetch-Site", "same-origin", "cross-site")]
    for name, own, other in pairs:
        for values in ((own, other), (other, own)):
            lines = "".join(f"{name}: {value}\r\n" for value in values)
            head = f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{refusing.port}\r\nCookie: {roles['owner']}\r\n"
            with socket.create_connection(("127.0.0.1", refusing.port), timeout=60) as raw:
                raw.sendall(f"{head}{lines}\r\n".encode())
                assert b" 403 " in raw.recv(200)


def test_no_other_method_is_answered(refusing: Any, roles: dict[str, str]) -> None:
    others = cycle([("nobody", 401), ("viewer", 403)])
    known: dict[str, set[str]] = {}
    for route in routes(refusing.app):
        known.setdefault(route.path, set()).add(route.method)
    for path, methods in known.items():
        for method in sorted(METHODS - methods):
            for role, status in (("owner", 405), next(others)):
                assert ask(refusing, method, path, roles[role], **JSON) == status, f"{method} {path} for a {role}"


def test_a_change_is_json_with_the_custom_header(refusing: Any, roles: dict[str, str]) -> None:
    asking = cycle(["owner", "viewer", "owner", "nobody", "owner", "stranger", "owner"])
    for route, headers in product(routes(refusing.app), MALFORMED):
        if route.method not in SAFE_METHODS:
            upload = upload_of(route.handler)
            right_kind = upload is not None and upload.takes(headers.get("Content_Type", ""))
            if headers.get("X_Signcap") == "1" and (right_kind or ("Content_Type" not in headers and upload)):
                continue  # bytes of no kind are what an upload is
            role = next(asking)
            status = ask(refusing, route.method, route.path, roles[role], **headers)
            assert status == 415, f"{route} for a {role} with {headers}"


def test_a_body_that_is_too_large_is_refused_before_it_comes(refusing: Any, roles: dict[str, str]) -> None:
    for route in routes(refusing.app):
        upload = upload_of(route.handler)
        if route.method not in SAFE_METHODS:
            size = str((BODY_LIMIT if upload is None else upload.limit) + 1)
            began = time.monotonic()
            status = ask(refusing, route.method, route.path, roles["owner"], **route.headers, Content_Length=size)
            assert (status, time.monotonic() - began < 8) == (413, True), str(route)


def send_head(running: Any, route: Route, cookie: str, size: int) -> socket.socket:
    upload = upload_of(route.handler)
    kind = "application/json" if upload is None else upload.kinds[0]
    raw = socket.create_connection(("127.0.0.1", running.port), timeout=60)
    raw.sendall(
        f"{route.method} {route.path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nCookie: {cookie}\r\n"
        f"Content-Type: {kind}\r\nX-Signcap: 1\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    return raw


def test_nobody_is_waited_for(running: Any, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that stops coming: an answer comes all the same, and the next upload has its turn."""
    monkeypatch.setattr(security, "TIME_LIMIT", 0.3)
    changes = [route for route in routes(running.app) if route.method not in SAFE_METHODS]
    for route in changes:
        if upload_of(route.handler) is not None:
            monkeypatch.setattr(route.handler, "seconds", 0.3)
    with ExitStack() as sent:
        waiting = [(route, sent.enter_context(send_head(running, route, cookies["owner"], 100))) for route in changes]
        for _, raw in waiting:
            raw.sendall(b"{")
        began = time.monotonic()
        for route, raw in waiting:
            status = int(raw.recv(200).split()[1])
            assert time.monotonic() - began < 9, str(route)
            if (route.method, route.canonical) not in FOR_WHO_ASKS:  # these ask for something else first
                assert status in (408, 200, 204, 404, 409), str(route)  # the others need no body


def test_a_head_that_stops_coming_is_given_up(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "HEAD_LIMIT", 0.4)
    running = request.getfixturevalue("running")  # only now: the limit is set when the server starts
    for first in (b"", b"GET / HTTP/1.1\r\nHost:"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=60) as raw:
            raw.sendall(first)
            assert raw.recv(100) == b""


def streaming(running: Any) -> Iterator[Route]:
    found = [route for route in routes(running.app) if items_of(route.handler) and route.method in SAFE_METHODS]
    assert len(found) >= 6
    yield from found


def test_streams_are_counted_and_who_leaves_makes_room(refusing: Any, roles: dict[str, str]) -> None:
    for route in streaming(refusing):
        with ExitStack() as held:
            statuses = []
            while 503 not in statuses and len(statuses) < 100:
                connection = http.client.HTTPConnection("127.0.0.1", refusing.port, timeout=60)
                held.callback(connection.close)
                connection.request("GET", route.path, headers={"Cookie": roles["owner"]})
                response = connection.getresponse()
                held.callback(response.close)
                statuses.append(response.status)
            assert statuses[-1] == 503, f"{route} knows no limit"
            assert set(statuses[:-1]) == {200}

        def has_room(path: str = route.path) -> bool:
            status = ask(refusing, "GET", path, roles["owner"])
            assert status in (200, 503)
            return status == 200

        until(has_room, text=str(route))


def test_viewers_cannot_lock_the_owner_out(refusing: Any, roles: dict[str, str]) -> None:
    path = "/api/v1/captions/events"
    with ExitStack() as held:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", refusing.port, timeout=60)
            held.callback(connection.close)
            connection.request("GET", path, headers={"Cookie": roles["viewer"]})
            response = connection.getresponse()
            held.callback(response.close)
            if response.status == 503:
                break
        assert ask(refusing, "GET", path, roles["owner"]) == 200
