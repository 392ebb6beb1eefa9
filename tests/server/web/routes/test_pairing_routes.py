"""Pairing over HTTP, as an extension's service worker and the page do it."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from server.web.auth.security import EXTENSION_ORIGIN
from server.web.streams import caption_events as events
from tests.waiting import until

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}


@dataclass
class Extension:
    """What an extension's service worker sends."""

    running: Any

    def send(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        headers = {} if method == "GET" else JSON | {"Origin": EXTENSION_ORIGIN}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = b"" if method == "GET" else json.dumps(body or {}).encode()
        answer = self.running.get(path, method=method, body=data, **headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def ask(self) -> dict[str, Any]:
        status, question = self.send("POST", "/api/v1/pairings", {"browser": "Chromium on Linux"})
        assert status == 201
        assert isinstance(question, dict)
        return question


@dataclass
class Owner:
    """What the page sends."""

    running: Any

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Cookie": self.running.owner_cookie()} | ({} if method == "GET" else JSON)
        answer = self.running.get(path, method=method, body=json.dumps(body or {}).encode(), **headers)
        return answer.status, json.loads(answer.body) if answer.body else None


@pytest.fixture
def extension(running: Any) -> Extension:
    return Extension(running)


@pytest.fixture
def owner(running: Any) -> Owner:
    return Owner(running)


@pytest.fixture
def token(extension: Extension, owner: Owner) -> str:
    question = extension.ask()
    owner.send("POST", f"/api/v1/pairings/{question['name']}", {"do": "allow"})
    _, answer = extension.send("GET", f"/api/v1/pairings/{question['name']}", token=question["secret"])
    return str(answer["token"])


def test_an_extension_asks_the_owner_allows_and_it_may_show_captions(extension: Extension, owner: Owner) -> None:
    assert extension.send("GET", "/api/v1/extension/hello")[1]["paired"] is False
    question = extension.ask()
    assert question["seconds"] == 120
    _, lists = owner.send("GET", "/api/v1/pairings")
    assert lists["asking"] == [{"name": question["name"], "code": question["code"], "browser": "Chromium on Linux"}]
    assert lists["paired"] == []

    path = f"/api/v1/pairings/{question['name']}"
    assert extension.send("GET", path, token=question["secret"]) == (200, {"state": "waiting"})
    status, lists = owner.send("POST", path, {"do": "allow"})
    assert (status, lists["asking"]) == (200, [])
    status, answer = extension.send("GET", path, token=question["secret"])
    assert (status, answer["state"]) == (200, "paired")

    token = answer["token"]
    assert extension.send("GET", "/api/v1/extension/hello", token=token)[1]["paired"] is True
    status, state = extension.send("GET", "/api/v1/extension/state", token=token)
    assert status == 200
    assert (state["camera_on"], state["captions_on"]) == (True, True)
    assert owner.send("GET", "/api/v1/pairings")[1]["paired"][0]["browser"] == "Chromium on Linux"
    assert extension.send("GET", path, token=question["secret"])[0] == 401  # once


def test_what_the_owner_refuses_is_refused(extension: Extension, owner: Owner) -> None:
    question = extension.ask()
    path = f"/api/v1/pairings/{question['name']}"
    owner.send("POST", path, {"do": "refuse"})
    assert extension.send("GET", path, token=question["secret"]) == (200, {"state": "refused"})
    assert owner.send("POST", path, {"do": "allow"})[0] == 409


def test_a_stolen_code_opens_nothing(extension: Extension, owner: Owner) -> None:
    question = extension.ask()
    path = f"/api/v1/pairings/{question['name']}"
    owner.send("POST", path, {"do": "allow"})
    for stolen in (question["code"], question["code"].replace(" ", ""), question["name"]):
        assert extension.send("GET", path, token=stolen)[0] == 401
        assert extension.send("GET", "/api/v1/extension/state", token=stolen)[0] == 401


def test_only_our_extension_may_ask(running: Any) -> None:
    for origin, status in ((None, 401), (running.url, 401), ("chrome-extension://" + "a" * 32, 403)):
        headers = JSON | ({"Origin": origin} if origin else {})
        answer = running.get("/api/v1/pairings", method="POST", body=b'{"browser": "x"}', **headers)
        assert answer.status == status


@pytest.mark.e2e
@pytest.mark.parametrize("browser", [None, "", "x" * 81, "a\nb", 5])
def test_a_browser_has_a_name_that_can_be_shown(extension: Extension, browser: object) -> None:
    assert extension.send("POST", "/api/v1/pairings", {"browser": browser})[0] == 400


def test_too_many_questions_are_refused(extension: Extension) -> None:
    statuses = [extension.send("POST", "/api/v1/pairings", {"browser": "Chromium"})[0] for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]


def test_a_pairing_that_studio_ends_is_worth_nothing_and_what_it_shows_ends(
    running: Any, extension: Extension, owner: Owner, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 1.0)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request("GET", "/api/v1/captions/events?page=captions", headers={"Authorization": f"Bearer {token}"})
    stream = connection.getresponse()
    assert stream.status == 200
    name = owner.send("GET", "/api/v1/pairings")[1]["paired"][0]["name"]
    assert owner.send("DELETE", f"/api/v1/pairings/{name}") == (200, {"asking": [], "paired": []})
    assert owner.send("DELETE", f"/api/v1/pairings/{name}")[0] == 404
    deadline = time.monotonic() + 60
    while stream.readline():  # to its end
        assert time.monotonic() < deadline
    connection.close()
    assert extension.send("GET", "/api/v1/extension/hello", token=token)[1]["paired"] is False
    for path in ("/api/v1/extension/state", "/api/v1/captions/events"):
        status, refusal = extension.send("GET", path, token=token)
        assert (status, "press Pair" in refusal["error"]) == (401, True)


def test_an_extension_ends_its_own_pairing(extension: Extension, owner: Owner, token: str) -> None:
    assert extension.send("DELETE", "/api/v1/extension/pairing", token=token) == (204, None)
    assert extension.send("GET", "/api/v1/extension/state", token=token)[0] == 401
    assert owner.send("GET", "/api/v1/pairings")[1]["paired"] == []


def test_a_token_with_the_owners_cookie_beside_it_is_no_more_than_a_token(running: Any, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Cookie": running.owner_cookie()}
    assert running.get("/api/v1/status", **headers).status == 403
    assert running.get("/api/v1/status", **headers | {"Authorization": "Bearer guess"}).status == 401
    assert running.get("/api/v1/status", **headers | {"Authorization": "Basic eDp5"}).status == 401


def test_what_is_typed_in_a_call_becomes_a_caption(demo: Any) -> None:
    until(lambda: demo.pipeline.stats()["recognise"].rate != 0, 90)  # edits wait for the models
    extension, owner = Extension(demo), Owner(demo)
    question = extension.ask()
    owner.send("POST", f"/api/v1/pairings/{question['name']}", {"do": "allow"})
    token = extension.send("GET", f"/api/v1/pairings/{question['name']}", token=question["secret"])[1]["token"]
    status, answer = extension.send(
        "POST", "/api/v1/captions/edits", {"edit": "type", "text": "one moment", "end": True}, token
    )
    assert (status, answer["revision"] > 0) == (200, True)
