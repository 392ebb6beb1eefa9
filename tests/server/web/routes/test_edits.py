"""Choosing a suggested word and taking it back, over real HTTP."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from overlay.captions.suggestions import Suggester
from server.session.folders import Folders
from server.web.auth import security
from tests.server.conftest import MovingPattern, SpelledReader, serving
from tests.waiting import until

pytestmark = pytest.mark.integration

EDITS = "/api/v1/captions/edits"
HEADERS = {"Content_Type": "application/json", "X_Signcap": "1"}


def post(server: Any, cookie: str, edit: Any) -> tuple[int, dict[str, Any]]:
    body = edit if isinstance(edit, bytes) else json.dumps(edit).encode()
    answer = server.get(EDITS, method="POST", body=body, Cookie=cookie, **HEADERS)
    return answer.status, json.loads(answer.body)


def choose(chosen: str = "HELLO", read: str = "HELO", caption: int = 0, word: int = 0) -> dict[str, Any]:
    return {"edit": "choose", "caption": caption, "word": word, "read": read, "chosen": chosen}


def spelled(spelling: Any, text: str) -> Any:
    """Spell a text whose last word is finished, and wait until it is there with its suggestions."""
    server, reader = spelling
    reader.spell(text)
    until(lambda: server.session.viewers.captions.state.committed == text)
    return server


@pytest.fixture(scope="module")
def helo(suggester: Suggester, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server in which HELO was spelled, for all tests that leave it so."""
    folder, reader = tmp_path_factory.mktemp("helo"), SpelledReader(suggester)
    with serving(MovingPattern(), lambda: reader, Folders(folder / "data", folder / "runs")) as server:
        yield spelled((server, reader), "HELO ")


def first_event(server: Any, cookie: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/api/v1/captions/events", headers={"Cookie": cookie})
    response = connection.getresponse()
    while not (line := response.readline().decode()).startswith("data:"):
        pass
    connection.close()
    data: dict[str, Any] = json.loads(line.removeprefix("data:"))
    return data


def test_the_owner_chooses_and_undoes(spelling: Any) -> None:
    server = spelled(spelling, "HELO ")
    cookie = server.owner_cookie()
    event = first_event(server, cookie)
    (suggestion,) = event["suggestions"]
    assert (suggestion["caption"], suggestion["word"], suggestion["read"]) == (0, 0, "HELO")
    assert suggestion["words"][0] == "HELLO"
    assert event["can_undo"] is False
    status, answer = post(server, cookie, choose())
    assert status == 200
    until(lambda: server.session.viewers.captions.state.revision == answer["revision"])
    event = first_event(server, cookie)
    assert (event["committed"], event["suggestions"], event["can_undo"]) == ("HELLO ", [], True)
    assert post(server, cookie, {"edit": "undo"})[0] == 200
    until(lambda: server.session.viewers.captions.state.committed == "HELO ")
    event = first_event(server, cookie)
    assert (event["suggestions"], event["can_undo"]) == ([suggestion], False)
    assert post(server, cookie, {"edit": "undo"})[0] == 200  # nothing to undo is no mistake


def test_a_viewer_sees_suggestions_and_cannot_choose(helo: Any) -> None:
    server = helo
    cookie = server.viewer_cookie()
    assert first_event(server, cookie)["suggestions"][0]["words"][0] == "HELLO"
    for edit in (choose(), {"edit": "undo"}):
        status, answer = post(server, cookie, edit)
        assert status == 403
        assert "captions only" in answer["error"]
    assert post(server, "", choose())[0] == 401
    assert server.session.viewers.captions.state.committed == "HELO "


def test_no_other_site_and_no_form_can_choose(helo: Any) -> None:
    server = helo
    cookie, body = server.owner_cookie(), json.dumps(choose()).encode()

    def status(**headers: str) -> int:
        return int(server.get(EDITS, method="POST", body=body, Cookie=cookie, **headers).status)

    assert status(Content_Type="application/json") == 415
    assert status(Content_Type="text/plain", X_Signcap="1") == 415
    assert status(Origin="http://evil.example", **HEADERS) == 403
    assert server.get(EDITS, Cookie=cookie).status == 405
    assert server.session.viewers.captions.state.committed == "HELO "


@pytest.mark.parametrize(
    "edit",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 5000,
        [],
        "undo",
        {},
        {"edit": "shout"},
        {"edit": "undo", "more": 1},
        {"edit": "choose"},
        choose(chosen=3),  # type: ignore[arg-type]
        choose(word="0"),  # type: ignore[arg-type]
        choose(word=True),
        choose(caption=-1),
        choose() | {"read": None},
    ],
)
def test_bad_input_gets_one_sentence(lasting: Any, edit: Any) -> None:
    status, answer = post(lasting, lasting.owner_cookie(), edit)
    assert status == 400
    assert answer["error"].startswith("Send ")
    assert answer["error"].count(".") == 1


@pytest.mark.parametrize("edit", [choose("HOLE"), choose(word=7), choose(caption=10**30), choose(read="\ud800")])
def test_what_is_not_suggested_cannot_be_chosen(helo: Any, edit: Any) -> None:
    server = helo
    status, answer = post(server, server.owner_cookie(), edit)
    assert (status, answer["error"]) == (409, "That word is no longer suggested there: choose again.")
    assert server.session.viewers.captions.state.committed == "HELO "


def test_hot_words_are_put_in_as_they_are_written(spelling: Any) -> None:
    server = spelled(spelling, "JOSE ")
    assert post(server, server.owner_cookie(), choose("JOSÉ", "JOSE"))[0] == 200
    until(lambda: server.session.viewers.captions.state.committed == "JOSÉ ")


def test_what_is_typed_while_the_models_are_loaded_waits_for_them(
    serve: Any, suggester: Suggester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "TIME_LIMIT", 0.2)
    asked = threading.Event()

    def load() -> SpelledReader:
        assert asked.wait(30)
        time.sleep(0.5)
        return SpelledReader(suggester)

    with serve(MovingPattern(), load) as server:
        cookie = server.owner_cookie()
        asked.set()
        assert post(server, cookie, {"edit": "type", "text": "Hello", "end": True})[0] == 200
        assert [cue.text for cue in server.session.viewers.captions.state.cues] == ["Hello"]
