"""Thousands of requests and uploads that are cut, blown up or of the wrong kind, while captions go on."""

import http.client
import json
import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from server.web.auth.security import BODY_LIMIT, SAFE_METHODS, upload_of
from tests.waiting import until

pytestmark = pytest.mark.integration

REQUESTS = int(os.environ.get("SIGNCAP_MUTATIONS", "2000"))
CONNECTIONS = 4
SETTLED = 0.4  # share of the requests after which memory is compared
GROWTH = 40.0  # MB that it may have grown by the end
CORPUS: list[Any] = [
    {"edit": "undo"},
    {"edit": "choose", "caption": 0, "word": 0, "read": "HELO", "chosen": "HELLO"},
    {"sdp": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"},
    {"signer": "ann", "letter": "B", "count": 10, "rate": 5.0, "flip": True, "burst": None, "countdown": 1},
    {"name": "ann", "words": False, "letters": "ABC", "seconds": 2.0, "countdown": 0},
    {"model": "shipped"},
    {"older": True},
    {},
]
ODD: list[Any] = [
    *(None, True, -1, 0, 1e308, 10**400, 2**63, "", "\x00", "\ud800", "A" * 5000, "../../etc/passwd", [], {}, [[]]),
    *({"edit": "undo"}, "ann\n", "<b>", 0.1, -0.0),
]
RAW: list[bytes] = [
    *(b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{\x00}\x00", b"\x00", b"NaN", b'{"a":NaN}', b'{"a":1e999}'),
    *(b"[" * 30000, b'{"a":' * 5000, b'{"count":' + b"9" * 6000 + b"}", b"\xef\xbb\xbf{}", b"{}{}", b"x" * 70000),
]
BOGUS = "application/json; charset=bogus"
KINDS = ("application/json", BOGUS, "application/json; charset=hex", "text/plain", "", "/")
NAMES = ("1", "A", "ann", "%00", "%2e%2e%2f", "x" * 300, "%ff", "..", "%F0%9F%98%80")
# These do much each time, and nothing that a request holds makes a difference: asked for now and then.
COSTLY = {("GET", "/api/v1/doctor"), ("GET", "/api/v1/recording"), ("GET", "/api/v1/openapi.json")}
COSTLY |= {("HEAD", path) for _, path in COSTLY} | {("POST", "/api/v1/try/camera")}
Request = tuple[str, str, dict[str, str], bytes]


def pictures() -> list[bytes]:
    """Small pictures of every kind that is read, and heads that promise what does not follow."""
    pixels = np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8)
    files = [bytes(cv2.imencode(suffix, pixels)[1]) for suffix in (".png", ".jpg", ".webp", ".bmp")]
    huge = files[0][:16] + (60000).to_bytes(4, "big") * 2 + files[0][24:]
    deep = files[0][:24] + b"\x10" + files[0][25:]  # 16 bits a channel, it says
    return [*files, huge, deep, b"GIF89a" + bytes(40), b"", b"\x00\x00\x00\x18ftypmp42" + bytes(64)]


class Mutations:
    """Makes requests of the application's routes; the same ones for the same seed."""

    def __init__(self, app: Any, seed: int) -> None:
        self._random = random.Random(seed)
        self._pictures = pictures()
        self._routes = [
            (route.method, self._path(route.resource), route.handler)
            for route in app.router.routes()
            if route.resource.canonical.startswith("/api/") and not getattr(route.handler, "streams", False)
            for _ in range(1 if (route.method, route.resource.canonical) in COSTLY else 10)
        ]
        self._changes = [one for one in self._routes if one[0] not in SAFE_METHODS]

    def _path(self, resource: Any) -> Callable[[], str]:
        pattern = getattr(resource.get_info().get("pattern"), "pattern", "")
        groups = re.findall(r"\(\?P<(\w+)>((?:[^()\\]|\\.)+)\)", pattern)

        def make() -> str:
            path = str(resource.canonical)
            for name, allowed in groups:
                path = path.replace(f"{{{name}}}", self._random.choice([*allowed.split("|"), *NAMES]))
            if self._random.random() < 0.2:
                path += self._random.choice(["?", "?name=%ff%00", "?side=-1&pictures=no", "?side=99999", "?model=x"])
            return path

        return make

    def next(self) -> Request:
        """The next one."""
        rng = self._random
        method, path, handler = rng.choice(self._changes if rng.random() < 0.8 else self._routes)
        headers = {"X-Signcap": "1"} if rng.random() < 0.97 else {}
        upload = upload_of(handler)
        if method in SAFE_METHODS:
            return method, path(), headers, b""
        if upload is not None and rng.random() < 0.9:
            headers["Content-Type"] = rng.choice(["application/octet-stream", "image/png", upload.kinds[0]])
            return method, path(), headers, self._file()
        headers["Content-Type"] = "application/json" if rng.random() < 0.9 else rng.choice(KINDS)
        return method, path(), headers, self._json()

    def _file(self) -> bytes:
        rng = self._random
        data = bytearray(rng.choice(self._pictures))
        for _ in range(rng.choice((0, 1, 4, 30))):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.6:  # what is whole is read, which takes a tenth of a second
            del data[rng.randrange(len(data) + 1) :]
        if rng.random() < 0.02:
            data += bytes(200_000)
        return bytes(data)

    def _json(self) -> bytes:
        rng = self._random
        if rng.random() < 0.15:
            return rng.choice(RAW)
        body = dict(rng.choice(CORPUS))
        for _ in range(rng.choice((0, 1, 1, 2))):
            name = rng.choice([*body, "edit", "sdp", "name", "x" * 50])
            body[name] = rng.choice(ODD)
        if body and rng.random() < 0.2:
            body.pop(rng.choice(list(body)))
        data = json.dumps(body).encode()
        return data[: rng.randrange(len(data))] if rng.random() < 0.1 else data


def memory() -> float:
    """Resident megabytes of this process, in which the server runs."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found.group(1)) / 1024


def worker(running: Any, cookie: str, seed: int, count: int, statuses: Counter[int], failed: list[str]) -> None:
    mutations = Mutations(running.app, seed)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    for _ in range(count):
        method, path, headers, body = mutations.next()
        try:
            connection.request(method, path, body, headers | {"Cookie": cookie})
            response = connection.getresponse()
            response.read()
        except (ConnectionError, http.client.HTTPException):  # closed after a refusal, as it should be
            connection.close()
            statuses[0] += 1
            continue
        statuses[response.status] += 1
        if response.status >= 500 and response.status != 503:
            failed.append(f"{response.status} {method} {path} {headers} {body[:200]!r}")
    connection.close()


@pytest.mark.slow
def test_no_mutation_is_a_failure_of_ours(spelling: Any) -> None:
    running, reader = spelling
    cookie = running.owner_cookie()
    statuses: Counter[int] = Counter()
    failed: list[str] = []
    threads = [
        threading.Thread(
            target=worker, args=(running, cookie, seed, REQUESTS // CONNECTIONS, statuses, failed), daemon=True
        )
        for seed in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    settled, lines = 0.0, 0
    while any(thread.is_alive() for thread in threads):
        lines += 1
        reader.spell("HELO WORLD.")
        until(reader.spelled.empty, text="captions did not go on")
        if not settled and statuses.total() > SETTLED * REQUESTS:
            settled = memory()
    assert failed == []
    assert statuses.total() == REQUESTS // CONNECTIONS * CONNECTIONS
    assert statuses[0] < REQUESTS * 0.1, "most requests were answered"
    assert len(running.pipeline.reading.state.cues) >= min(lines, 20) - 1
    assert memory() - settled < GROWTH
    assert len([status for status in (200, 400, 404, 409, 413, 415, 422) if statuses[status]]) == 7, statuses


def test_the_odd_charset_is_no_failure(lasting: Any) -> None:
    """Found by the mutations: a charset that Python does not know, and numbers longer than it reads."""
    cookie = lasting.owner_cookie()
    for kind, body in ((BOGUS, b'{"edit": "undo!"}'), ("application/json", b'{"count":' + b"9" * 6000 + b"}")):
        for path in ("captions/edits", "preview", "collect/choose", "enrol/start", "try/camera"):
            if path == "try/camera" and kind == BOGUS:
                continue  # that body is one it takes
            answer = lasting.get(
                f"/api/v1/{path}", method="POST", body=body, Cookie=cookie, Content_Type=kind, X_Signcap="1"
            )
            assert answer.status == 400, f"{path} {kind} {answer.body!r}"
    assert BODY_LIMIT > 6000


def test_a_group_of_settings_that_is_none_is_no_failure(lasting: Any) -> None:
    """Found by the mutations."""
    for group in (b"null", b"1", b"[]", b'"x"'):
        body = b'{"caption": ' + group + b"}"
        answer = lasting.get(
            "/api/v1/settings",
            method="PATCH",
            body=body,
            Cookie=lasting.owner_cookie(),
            Content_Type="application/json",
            X_Signcap="1",
        )
        assert answer.status == 422, answer.body
